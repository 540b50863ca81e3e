"""`hotline restore` and `hotline backup drill`: a backup is proven whole before anything of it is put in place."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from pipeline.log.onlooker import Onlooker
from pipeline.log.sqlite_copy import fault_of_sqlite
from pipeline.run.backup import DUMP, KEYS, MANIFEST, SEAL, STORE, Entry, Manifest, entry
from pipeline.run.opening import LOG
from pipeline.store.backup import (
    begin_anew,
    clear_postgres,
    counts,
    fault_of_dump,
    newest_calls,
    restore_postgres,
)
from pipeline.store.looking import Look, look
from pipeline.story import tell

LOOKED_AT = 20  # newest calls tried for a story: those of this moment may not have reached the log's copy


class Damaged(RuntimeError):
    """A backup that is not what was written; says which file or entry. Nothing has been put in place."""


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What stands now where it was restored."""

    made_at: datetime
    age_h: float  # hours since it was made
    audit_entries: int
    counts: dict[str, int]
    epoch: str
    keys: bool  # the keys were put in place, or there were none


class Drill(msgspec.Struct, frozen=True, kw_only=True):
    """What a drill found."""

    restored: Restored | None  # None: a dump without a database to try it in
    call: str = ""  # whose story was told
    story: int = 0  # lines of it
    says: str = ""


def whole(folder: Path) -> Manifest:
    """The manifest, every file compared with it. Raises Damaged."""
    try:
        written = (folder / MANIFEST).read_bytes()
        seal = (folder / SEAL).read_text("ascii", "replace").strip()
    except OSError as error:
        raise Damaged(f"{folder} is no finished backup: {error}") from error
    if hashlib.sha256(written).hexdigest() != seal:
        raise Damaged(f"{folder / MANIFEST} is not the one that was written")
    manifest = msgspec.json.decode(written, type=Manifest)
    _compare(folder, manifest.files)
    return manifest


def restore(folder: Path, into: Path, database: str = "", keys: Path | None = None) -> Restored:
    """Restores into a home that is absent or empty, and a dump into an empty `database`. Raises Damaged, NoCopy."""
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise FileExistsError(f"{into} is not empty: a restored house takes a place of its own")
    manifest = whole(folder)
    if keys is not None:
        _compare(keys, manifest.keys)
    into.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{into.name}-", dir=into.parent) as scratch:
        made = Path(scratch) / "home"
        made.mkdir(mode=0o700)
        for file in manifest.files:
            _put(folder / file.path, made / file.path.removeprefix("home/"))
        for file in manifest.keys if keys is not None else ():
            _put(keys / file.path, made / KEYS / file.path)  # type: ignore[operator]
        for copy in sorted(made.rglob("*.db")):
            if fault := fault_of_sqlite(copy):
                raise Damaged(f"{copy.relative_to(made)}: {fault}")
        seen, epoch, rows = _store(manifest, made, database)
        if into.exists():
            into.rmdir()
        made.rename(into)
    return Restored(
        made_at=manifest.made_at,
        age_h=(datetime.now(UTC) - manifest.made_at).total_seconds() / 3600,
        audit_entries=sum(verdict.entries for verdict in seen.verdicts.values()),
        counts=rows,
        epoch=epoch,
        keys=keys is not None or not manifest.keys,
    )


def drill(folder: Path, database: str = "") -> Drill:
    """Restores into a temporary place and looks at it. Raises what `restore` raises."""
    manifest = whole(folder)
    dumped = (folder / DUMP).exists()
    if dumped and not database:
        if fault := fault_of_dump(folder / DUMP):
            raise Damaged(f"{DUMP}: {fault}")
        says = "files whole, dump readable; to try it, name an empty database with --database"
        return Drill(restored=None, says=says)
    with tempfile.TemporaryDirectory(prefix="hotline-drill-") as scratch:
        home = Path(scratch) / "home"
        restored = restore(folder, home, database)
        if manifest.log != "embedded":
            return Drill(restored=restored, says="the log is on Kafka: no story to tell from this backup")
        where = database if dumped else str(home / STORE)
        call, lines = asyncio.run(_a_story(home, where))
        return Drill(restored=restored, call=call, story=lines, says="" if call else "no call has a story yet")


async def _a_story(home: Path, where: str) -> tuple[str, int]:
    log = Onlooker(home / LOG)
    try:
        for call in newest_calls(where, LOOKED_AT):
            if lines := await tell(log, call):
                return call, len(lines)
        return "", 0
    finally:
        await log.close()


def _store(manifest: Manifest, made: Path, database: str) -> tuple[Look, str, dict[str, int]]:
    """Proves the store, then begins its streams anew."""
    if not (made / DUMP).exists():
        where = str(made / STORE)
        seen = _proven(manifest, where)
        return seen, begin_anew(where), counts(where)
    if not database:
        raise Damaged(f"this backup holds a PostgreSQL dump: name an empty database ({DUMP})")
    restore_postgres(made / DUMP, database)
    (made / DUMP).unlink()
    try:
        seen = _proven(manifest, database)
    except Damaged:
        clear_postgres(database)
        raise
    return seen, begin_anew(database), counts(database)


def _proven(manifest: Manifest, where: str) -> Look:
    """The audit chain whole, up to the head that was noted outside the database."""
    seen = look(where)
    for tenant, head in manifest.heads.items():
        verdict, there = seen.verdicts.get(tenant), seen.heads.get(tenant)
        if verdict is None or there is None:
            raise Damaged(f"the audit chain of {tenant} is missing")
        if not verdict.whole:
            raise Damaged(f"audit chain of {tenant}, entry {verdict.bad_seq}: {verdict.reason}")
        if (there.seq, there.hash) != (head.seq, head.hash):
            raise Damaged(f"the audit chain of {tenant} ends at {there.seq}, it ended at {head.seq} when backed up")
    return seen


def _compare(folder: Path, files: tuple[Entry, ...]) -> None:
    for file in files:
        if Path(file.path).is_absolute() or ".." in Path(file.path).parts:
            raise Damaged(f"{file.path} leads out of the backup")
        if not (folder / file.path).is_file():
            raise Damaged(f"{file.path} is missing")
        found = entry(folder, folder / file.path)
        if found.bytes != file.bytes:
            raise Damaged(f"{file.path} has {found.bytes} bytes, {file.bytes} were written")
        if found.sha256 != file.sha256:
            raise Damaged(f"{file.path} is not what was written: its hash differs")


def _put(source: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o600)
