"""`hotline backup | restore`: a house copied while it works, and brought back, proven whole first."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.output import console, existing, fail, print_json, settings

Keys = Annotated[Path | None, typer.Option(help="Folder of the keys, kept apart from the data.")]
Database = Annotated[str | None, typer.Option(help="An empty PostgreSQL database, for a backup that holds a dump.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def add_to(app: typer.Typer) -> None:
    """Registers these commands."""
    app.command()(backup)
    app.command()(restore)


def backup(
    what: Annotated[list[str], typer.Argument(metavar="[drill] DIR", help="A folder that is not there yet.")],
    keys: Keys = None,
    database: Database = None,
    json: Json = False,
) -> None:
    """Copies store, log and files of the house into DIR, while it works. `drill DIR` tries a backup out.

    A drill restores into a temporary place, checks files, audit chain and counts, tells one call's story and says how
    old the backup is. Exit code 1 when anything is not as it was written.
    """
    if len(what) == 2 and what[0] == "drill":
        _drill(existing(Path(what[1])), database, json)
        return
    if len(what) != 1:
        fail("hotline backup DIR, or hotline backup drill DIR", code=2)
    from pipeline.run.backup import KEYS, back_up

    chosen = settings()
    manifest = back_up(chosen, Path(what[0]), keys)
    if json:
        print_json(manifest)
        return
    size = sum(file.bytes for file in manifest.files)
    entries = sum(head.seq for head in manifest.heads.values())
    console.print(
        f"{what[0]}: {len(manifest.files)} files, {size / 1e6:.1f} MB, {entries} audit entries", highlight=False
    )
    if manifest.log == "kafka":
        console.print("The log is on Kafka and is not in it: its copies there are its safety.")
    if keys is None and (chosen.home / KEYS).is_dir():
        console.print("The keys are NOT in it. Back them up to another place with --keys DIR.")


def _drill(folder: Path, database: str | None, json: bool) -> None:
    from pipeline.run.backup_restore import drill

    found = drill(folder, database or "")
    if json:
        print_json(found)
        return
    if found.restored is not None:
        kept = found.restored
        console.print(
            f"whole: {kept.audit_entries} audit entries in one chain, {kept.counts['calls']} calls, "
            f"{kept.counts['tickets']} tickets; made {kept.age_h:.1f} h ago",
            highlight=False,
        )
    if found.call:
        console.print(f"story of call {found.call}: {found.story} lines", highlight=False)
    if found.says:
        console.print(found.says, highlight=False)


def restore(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the backup.")],
    into: Annotated[Path, typer.Option(metavar="HOME", help="Where the house is to stand; absent or empty.")],
    keys: Keys = None,
    database: Database = None,
    json: Json = False,
) -> None:
    """Brings a house back from a backup: proves files and audit chain first, then puts all in place at once.

    Every page takes a fresh view and everybody signs in again. A dump goes into --database, or HOTLINE_DATABASE.
    """
    from pipeline.run.backup_restore import restore as bring_back

    done = bring_back(existing(folder), into, database or settings().database, keys)
    if json:
        print_json(done)
        return
    console.print(
        f"{into}: as of {done.made_at.isoformat(timespec='seconds')}, {done.age_h:.1f} h ago; "
        f"{done.audit_entries} audit entries, {done.counts['calls']} calls, {done.counts['tickets']} tickets",
        highlight=False,
    )
    if not done.keys:
        console.print("The keys are not there yet: put them into its folder keys, or restore with --keys DIR.")
    console.print(f"Start it with HOTLINE_HOME={into}", highlight=False)
