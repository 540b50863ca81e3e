"""Store: copies a database whole while it is written to, and judges a copy. PostgreSQL is left to its own tools."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import MetaData, func, select
from sqlalchemy.engine import URL, make_url

from pipeline.log.sqlite_copy import NoCopy
from pipeline.store.engines import open_engine
from pipeline.store.looking import tables
from pipeline.store.tables import calls, meta, metadata, sessions

PACKAGED = Path("/usr/lib/postgresql")
LONGEST_S = 6 * 3600.0  # of a dump or its restoring


def counts(where: str | Path) -> dict[str, int]:
    """Table → rows."""
    engine = open_engine(where, write=False, size=1)
    try:
        with engine.begin() as connection:
            there = set(tables(connection))
            names = [table for table in metadata.sorted_tables if table.name in there]
            return {t.name: int(connection.scalar(select(func.count()).select_from(t)) or 0) for t in names}
    finally:
        engine.dispose()


def newest_calls(where: str | Path, most: int) -> list[str]:
    """Ids of the calls that began last, newest first."""
    engine = open_engine(where, write=False, size=1)
    try:
        with engine.begin() as connection:
            return list(connection.scalars(select(calls.c.id).order_by(calls.c.started_at.desc()).limit(most)))
    finally:
        engine.dispose()


def begin_anew(where: str | Path) -> str:
    """Renews the streams' epoch, so that every page takes a fresh view, and ends all sign-ins; returns the epoch."""
    epoch = secrets.token_hex(8)
    engine = open_engine(where, write=True)
    try:
        with engine.begin() as connection:
            connection.execute(meta.update().where(meta.c.name == "epoch").values(value=epoch))
            connection.execute(sessions.delete())
    finally:
        engine.dispose()
    return epoch


def is_empty(where: str) -> bool:
    """Whether a database has no tables."""
    engine = open_engine(where, write=False, size=1)
    try:
        with engine.begin() as connection:
            return not tables(connection)
    finally:
        engine.dispose()


def dump_postgres(url: str, file: Path) -> None:
    """Dumps a PostgreSQL database as of one moment. Raises NoCopy."""
    _run("pg_dump", url, ["--format=custom", "--no-owner", f"--file={file}"])


def fault_of_dump(file: Path) -> str:
    """What keeps PostgreSQL's tool from reading the dump's table of contents; "" when nothing does."""
    done = _tool("pg_restore", ["--list", str(file)], {})
    return "" if done.returncode == 0 else _last_line(done)


def restore_postgres(file: Path, url: str) -> None:
    """Puts a dump into an empty database, all of it or nothing. Raises NoCopy."""
    if not is_empty(url):
        raise NoCopy("the database to restore into has tables: name an empty one (createdb) in HOTLINE_DATABASE")
    _run("pg_restore", url, ["--exit-on-error", "--single-transaction", "--no-owner", str(file)])


def clear_postgres(url: str) -> None:
    """Takes out again what `restore_postgres` put in."""
    engine = open_engine(url, write=True)
    try:
        with engine.begin() as connection:
            there = MetaData()
            there.reflect(connection)
            there.drop_all(connection)
    finally:
        engine.dispose()


def _run(program: str, url: str, arguments: Sequence[str]) -> None:
    parsed = make_url(url)
    plain = URL.create(
        "postgresql", parsed.username, None, parsed.host, parsed.port, parsed.database, parsed.query
    ).render_as_string(hide_password=False)  # what stands on a command line is seen by everybody on the machine
    secret = {"PGPASSWORD": str(parsed.password)} if parsed.password else {}
    done = _tool(program, [f"--dbname={plain}", *arguments], secret)
    if done.returncode:
        raise NoCopy(f"{program} ended with {done.returncode}: {_last_line(done)}")


def _tool(program: str, arguments: Sequence[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    versions = sorted(PACKAGED.glob(f"*/bin/{program}"), key=lambda path: int(path.parts[-3]))
    found = shutil.which(program) or (str(versions[-1]) if versions else None)
    if found is None:
        command = " ".join([program, *arguments])
        raise NoCopy(
            f"there is no {program} here. Where PostgreSQL's tools are (apt install postgresql-client), run: {command}"
        )
    try:
        return subprocess.run(
            [found, *arguments], env=os.environ | env, capture_output=True, text=True, timeout=LONGEST_S
        )
    except subprocess.TimeoutExpired as error:
        raise NoCopy(f"{program} did not end within {LONGEST_S / 3600:.0f} h") from error


def _last_line(done: subprocess.CompletedProcess[str]) -> str:
    return (done.stderr.strip().splitlines() or ["without a word"])[-1]
