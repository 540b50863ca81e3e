"""Store: looks at a database from outside: its form, its audit chain, its clock, what waits. Changes nothing."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, func, inspect, select
from sqlalchemy.exc import DBAPIError

from console.ports import Unavailable
from pipeline.store import audit
from pipeline.store.engines import open_engine
from pipeline.store.migrate import FOLDER
from pipeline.store.outbox_age import oldest_waiting_s
from pipeline.store.tables import audit as chain
from pipeline.store.tables import checkpoints, dead, meta


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen."""

    revision: str  # of the tables; "" = there are none
    head: str  # the revision this version works with
    ahead_s: float = 0.0  # by how much the database's clock is ahead of ours
    verdicts: dict[str, audit.AuditVerdict] = {}  # tenant → its audit chain
    heads: dict[str, audit.AuditHead] = {}
    outbox_s: float = 0.0  # age of the oldest decision not yet published
    readers: dict[str, dict[str, int]] = {}  # reader → topic → offset recorded
    dead: int = 0  # letters, settled or not
    epoch: str = ""


def look(where: str | Path) -> Look:
    """Looks at a database by path or URL. Raises Unavailable when it does not answer."""
    engine = open_engine(where, write=False, size=1)
    try:
        with engine.begin() as connection:
            return _look(connection, engine)
    except DBAPIError as error:
        raise Unavailable(f"database: {type(error.orig).__name__}: {error.orig}") from error
    finally:
        engine.dispose()


def head_revision() -> str:
    """The form of the tables this version works with."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return ScriptDirectory.from_config(config).get_current_head() or ""


def tables(connection: Connection) -> list[str]:
    """Names of the tables that are there."""
    return sorted(inspect(connection).get_table_names())


def _look(connection: Connection, engine: Engine) -> Look:
    revision, head = MigrationContext.configure(connection).get_current_revision() or "", head_revision()
    ahead = _ahead(connection) if engine.dialect.name != "sqlite" else 0.0
    if revision != head:
        return Look(revision=revision, head=head, ahead_s=ahead)
    now = datetime.now(UTC)
    tenants = sorted(connection.scalars(select(chain.c.tenant).distinct()))
    readers: dict[str, dict[str, int]] = {}
    for row in connection.execute(select(checkpoints)):
        readers.setdefault(row.reader, {})[row.topic] = row.position
    return Look(
        revision=revision,
        head=head,
        ahead_s=ahead,
        verdicts={tenant: audit.verify(audit.entries(connection, tenant)) for tenant in tenants},
        heads={tenant: audit.head_of(connection, tenant, now.isoformat()) for tenant in tenants},
        outbox_s=oldest_waiting_s(connection, now),
        readers=readers,
        dead=int(connection.scalar(select(func.count()).select_from(dead)) or 0),
        epoch=str(connection.scalar(select(meta.c.value).where(meta.c.name == "epoch")) or ""),
    )


def _ahead(connection: Connection) -> float:
    """By how much a server's clock is ahead of ours, half the round trip allowed for."""
    asked = time.time()
    told = connection.scalar(select(func.clock_timestamp()))
    answered = time.time()
    assert isinstance(told, datetime)
    return told.timestamp() - (asked + answered) / 2
