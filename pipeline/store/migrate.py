"""Store: brings a database to the newest form of its tables, from `hotline db migrate` and at every start."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, func, select

from pipeline.store.engines import open_engine

FOLDER = Path(__file__).parent / "migrations"
TURN = 12345_0001  # PostgreSQL's advisory lock: processes that start together migrate one after the other


def migrate(where: str | Path, to: str = "head") -> str:
    """Migrates the database at a path or URL; returns the revision it now has. Doing it again changes nothing."""
    engine = open_engine(where, write=True)
    try:
        return migrate_engine(engine, to)
    finally:
        engine.dispose()


def migrate_engine(engine: Engine, to: str = "head") -> str:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    head = ScriptDirectory.from_config(config).get_current_head() or ""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(TURN)))
        if MigrationContext.configure(connection).get_current_revision() == head and to == "head":
            return head
        config.attributes["connection"] = connection
        command.upgrade(config, to)
        return MigrationContext.configure(connection).get_current_revision() or ""
