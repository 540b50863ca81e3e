"""Migrations make exactly the tables the code speaks of, from nothing and again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from pipeline.store import tables_handoffs, tables_tickets, tables_trends
from pipeline.store.engines import open_engine, url_of
from pipeline.store.migrate import FOLDER, migrate
from pipeline.store.tables import metadata


def test_migrations_and_tables_say_the_same(tmp_path: Path) -> None:
    assert tables_tickets.tickets.metadata is tables_handoffs.handoffs.metadata is metadata
    assert tables_trends.trend_feed.metadata is metadata
    migrate(tmp_path / "r.db")
    engine = open_engine(tmp_path / "r.db", write=True)
    with engine.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []
    engine.dispose()


def test_migrating_again_changes_nothing(tmp_path: Path) -> None:
    first = migrate(tmp_path / "r.db")
    before = (tmp_path / "r.db").read_bytes()
    assert migrate(tmp_path / "r.db") == first == "0004"
    assert (tmp_path / "r.db").read_bytes() == before


def test_every_migration_can_be_undone_and_done_again(tmp_path: Path) -> None:
    from alembic import command

    where = tmp_path / "r.db"
    migrate(where)
    engine = open_engine(where, write=True)
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
    engine.dispose()
    assert migrate(where) == ScriptDirectory.from_config(config).get_current_head()


def test_a_path_is_an_sqlite_url_and_a_url_stays(tmp_path: Path) -> None:
    assert url_of(tmp_path / "a b.db") == f"sqlite:///{tmp_path}/a b.db"
    assert url_of("postgresql+psycopg://h/d") == "postgresql+psycopg://h/d"


def test_the_statements_are_neutral_sql() -> None:
    """Every table and index compiles for PostgreSQL too, and no statement of the record speaks a dialect."""
    from sqlalchemy.dialects import postgresql
    from sqlalchemy.schema import CreateIndex, CreateTable

    for table in metadata.sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=postgresql.dialect()))
        for index in table.indexes:
            assert "INDEX" in str(CreateIndex(index).compile(dialect=postgresql.dialect()))
    for file in FOLDER.parent.rglob("*.py"):
        speaks = [w for w in ("PRAGMA", "sqlite3", "exec_driver_sql", "text(") if w in file.read_text("utf-8")]
        # a backup is made by each database's own means
        assert not speaks or file.name in ("engines.py", "backup.py"), (file.name, speaks)


def test_the_record_opens_without_the_repository_as_working_folder(tmp_path: Path) -> None:
    code = "import sys; from pipeline.store.migrate import migrate; print(migrate(sys.argv[1]))"
    root = Path(__file__).resolve().parents[4]
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "r.db")],
        cwd=tmp_path,
        env={"PYTHONPATH": str(root), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "0004"
