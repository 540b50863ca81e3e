"""Store: opens the database. The only file that speaks a dialect of SQL."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url

BUSY_S = 5.0  # how long a writer waits for another process before it says unavailable
_INSERTS: dict[str, Callable[[Table], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def url_of(where: str | Path) -> str:
    """A path becomes an SQLite URL; a URL stays."""
    text = str(where)
    return text if "://" in text else f"sqlite:///{Path(text).absolute()}"


def open_engine(where: str | Path, *, write: bool, size: int = 4, busy_s: float = BUSY_S) -> Engine:
    """An engine for the one writer, or for readers beside it."""
    url = make_url(url_of(where))
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")  # the driver that is installed
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, write=write, size=size, busy_s=busy_s)
    options: dict[str, Any] = {
        "hide_parameters": True,
        "isolation_level": "READ COMMITTED" if write else "REPEATABLE READ",
    }
    return create_engine(url, pool_size=1 if write else size, pool_pre_ping=True, **options)


def _sqlite(url: Any, *, write: bool, size: int, busy_s: float) -> Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        pool_size=1 if write else size,
        max_overflow=0,
        hide_parameters=True,  # an error's text goes to logs and dead letters; what people said does not
        connect_args={"timeout": busy_s, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _prepare(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # the driver begins nothing by itself; see _begin
        cursor = raw.cursor()
        if write:
            cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")  # a commit that returned survives a power cut
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA cache_size=-16000")
        cursor.execute("PRAGMA mmap_size=268435456")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # a writer takes the lock at once: two that read first and write later could only fail
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


@functools.cache
def upsert(dialect: str, table: Table, change: Callable[[Any, Any], dict[str, Any]]) -> Any:
    """An insert that changes the row instead where its primary key stands already.

    `change`: from the columns of the row that stands and of the row refused, what to set. A function of a module,
    that the statement is made once.
    """
    statement = _INSERTS[dialect](table)
    return statement.on_conflict_do_update(
        index_elements=list(table.primary_key), set_=change(table.c, statement.excluded)
    )


@functools.cache
def insert_absent(dialect: str, table: Table) -> Any:
    """An insert that leaves a row of the same primary key as it stands."""
    return _INSERTS[dialect](table).on_conflict_do_nothing(index_elements=list(table.primary_key))
