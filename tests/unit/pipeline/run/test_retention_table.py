"""What is kept has its line: every topic, every table; and what is older than it may be is named."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from console.decide_time import iso
from console.ports import Unavailable
from pipeline.cli.main import app
from pipeline.log.retention import Retention
from pipeline.log.sqlite import SqliteLog
from pipeline.run.keeping import StoreKeeping
from pipeline.run.opening import LOG, open_store
from pipeline.run.retention_table import LEGS, retention_table
from pipeline.settings import Settings
from pipeline.store import tables_handoffs, tables_tickets, tables_trends
from pipeline.store.keeping_table import STORE
from pipeline.store.tables import command_outcomes, metadata
from schemas.topics import AUDIO, CALLS, DRAFTS, TOPICS

RUN = CliRunner()
HOUR = 3600.0


def test_every_topic_and_every_table_has_its_line(tmp_path: Path) -> None:
    assert tables_tickets.tickets.metadata is tables_handoffs.handoffs.metadata is metadata
    assert tables_trends.trend_feed.metadata is metadata
    kinds = [table for kind in STORE for table in kind.tables]
    assert sorted(kinds) == sorted(table.name for table in metadata.sorted_tables)
    rows = retention_table(Settings(home=tmp_path), 100, 3.0)
    assert [row.what for row in rows if row.where == "topic"] == list(TOPICS)


def test_the_budget_of_sound_is_what_a_line_carries(tmp_path: Path) -> None:
    rows = {row.what: row for row in retention_table(Settings(home=tmp_path, audio_hours=12), 70_000, 3.0)}
    line = 70_000 * 180 * 8000 * LEGS  # bytes a day: G.711, 8 kB/s on each leg
    assert line < rows[AUDIO].per_day < 1.2 * line
    assert rows[AUDIO].budget == pytest.approx(rows[AUDIO].per_day / 2)
    assert rows["calls and matters"].budget is None
    tripled = Settings(home=tmp_path, kafka="", kafka_replication=3)
    assert {r.what: r for r in retention_table(tripled, 70_000, 3.0)}[CALLS].per_day == rows[CALLS].per_day


async def test_what_is_older_than_it_may_be_is_named_until_it_is_let_go(tmp_path: Path) -> None:
    now = [time.time() - 200 * HOUR]
    log = SqliteLog(tmp_path / LOG, clock=lambda: now[0])
    await log.append(DRAFTS, "c", b"x" * 100)
    now[0] = time.time() - 10 * HOUR
    await log.append(AUDIO, "c/caller", b"x" * 800, b"head")
    env = {"HOTLINE_HOME": str(tmp_path), "COLUMNS": "250"}

    def asked() -> tuple[int, str]:
        done = RUN.invoke(app, ["retention"], env=env)
        return done.exit_code, done.output

    code, said = await asyncio.to_thread(asked)
    assert code == 1 and "older than they may be: drafts" in said
    rows = {row.what: row for row in await asyncio.to_thread(retention_table, Settings(home=tmp_path), 10, 3.0)}
    assert (rows[DRAFTS].rows, rows[DRAFTS].bytes, rows[AUDIO].bytes) == (1, 101, 812)
    await Retention(log).look()
    assert (await asyncio.to_thread(asked))[0] == 0
    await log.close()


async def test_the_store_is_pruned_while_the_keeping_part_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(Settings(home=tmp_path))
    old = iso(datetime.now(UTC) - timedelta(days=9))
    row = {"command": "command-1", "body_hash": "h", "outcome": "{}", "at": old}
    await store.write(lambda tx: tx.run(command_outcomes.insert().values(**row)))
    prune, tries, done, stop = store.prune, [], asyncio.Event(), asyncio.Event()

    async def failing_once(now: datetime) -> dict[str, int]:
        tries.append(now)
        if len(tries) == 1:
            raise Unavailable("database: away")
        found = await prune(now)
        done.set()
        return found

    monkeypatch.setattr(store, "prune", failing_once)
    monkeypatch.setattr("pipeline.run.keeping.EVERY_S", 0.01)
    task = asyncio.create_task(StoreKeeping(store).run(stop))
    await asyncio.wait_for(done.wait(), 30)
    stop.set()
    await task
    assert await store.read(lambda c: c.execute(command_outcomes.select()).all()) == []
    await store.close()
