"""The whole process is killed in the middle of writing: what was acknowledged stands, nothing stands half (F3, F10)."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from console.ports import TicketQuery, Unavailable
from pipeline.store.sql_store import SqlStore
from schemas.commands import CreateTicket
from tests.contract.a_call import T0
from tests.unit.console.deciding import CITY

ROOT = Path(__file__).resolve().parents[4]
FIELDS = {"kind": "help", "category": "c-1204", "title": "t", "content": "c", "answer": "a"}
WRITER = """
import asyncio, sys
from pathlib import Path
from pipeline.store.sql_store import SqlStore
from schemas.commands import CreateTicket
from tests.contract.a_call import T0
from tests.unit.console.deciding import CITY
from tests.unit.pipeline.store.test_kill import FIELDS

async def main():
    store = SqlStore(Path(sys.argv[1]), CITY, key=b"k" * 32)
    agent = await store.ensure_user("wang", "王敏", "agent", "hash")
    for n in range(100_000):
        command = CreateTicket(command_id=f"cmd-{n:08}", fields=FIELDS, handling_mode="direct")
        outcome = await store.execute(agent, command, T0)
        print(outcome.ticket_no, flush=True)

asyncio.run(main())
"""


def write_and_die(where: Path, after: int) -> list[str]:
    """Ticket numbers another process got an answer for before it was killed."""
    child = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(where)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(ROOT)},
    )
    assert child.stdout is not None
    acknowledged = [child.stdout.readline().strip() for _ in range(after)]
    time.sleep(0.001 * (after % 7))  # lands somewhere within a transaction
    child.send_signal(signal.SIGKILL)
    acknowledged += child.stdout.read().split()
    child.wait()
    child.stdout.close()
    return acknowledged


@pytest.mark.parametrize("after", [1, 17, 40])
async def test_every_acknowledged_command_stands_and_nothing_half(tmp_path: Path, after: int) -> None:
    where = tmp_path / "record.db"
    acknowledged = await asyncio.to_thread(write_and_die, where, after)
    store = SqlStore(where, CITY, key=b"k" * 32)
    agent = await store.ensure_user("wang", "王敏", "agent", "hash")
    numbers: set[str] = set()
    cursor = ""
    while True:
        page = await store.tickets(agent, TicketQuery(limit=500, cursor=cursor))
        numbers |= {t.ticket_no for t in page.tickets}
        for ticket in page.tickets:
            view = await store.ticket(agent, ticket.id)
            assert view is not None and [h.action for h in view.history] == ["created", "answered"]
        if not (cursor := page.next):
            break
    assert set(acknowledged) <= numbers and len(numbers) - len(acknowledged) <= 1
    verdict = await store.verify_audit()
    assert verdict.whole and verdict.entries == len(numbers)
    rows = await store.rows_after(0, limit=100_000)
    assert [r.row for r in rows] == list(range(1, len(rows) + 1)) and len(rows) == len(numbers)
    again = CreateTicket(command_id="cmd-00000000", fields=FIELDS, handling_mode="direct")
    assert (await store.execute(agent, again, T0)).ticket_no == acknowledged[0]
    await store.close()


async def test_a_locked_database_is_unavailable_never_ok_and_heals_alone(tmp_path: Path) -> None:
    store = SqlStore(tmp_path / "record.db", CITY, busy_s=0.05)
    agent = await store.ensure_user("wang", "王敏", "agent", "hash")
    command = CreateTicket(command_id="cmd-00000001", fields=FIELDS, handling_mode="direct")
    other = sqlite3.connect(tmp_path / "record.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Unavailable, match="locked"):
        await store.execute(agent, command, T0)
    assert (await store.tickets(agent, TicketQuery())).total == 0  # readers go on
    other.execute("ROLLBACK")
    other.close()
    assert (await store.execute(agent, command, T0)).status == "ok"
    await store.close()


async def test_a_full_disk_is_unavailable_and_leaves_no_half_row(tmp_path: Path) -> None:
    store = SqlStore(tmp_path / "record.db", CITY)
    agent = await store.ensure_user("wang", "王敏", "agent", "hash")

    def limit(pages: int) -> None:
        with store._engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    with store._engine.connect() as connection:
        now = int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())
    await asyncio.to_thread(limit, now)
    done = 0
    long = FIELDS | {"content": "长" * 4000}
    with pytest.raises(Unavailable, match="full"):
        for n in range(100):
            command = CreateTicket(command_id=f"cmd-{n:08}", fields=long, handling_mode="direct")
            await store.execute(agent, command, T0)
            done += 1
    assert (await store.tickets(agent, TicketQuery())).total == done
    await asyncio.to_thread(limit, now + 10_000)
    command = CreateTicket(command_id="cmd-after-all", fields=long, handling_mode="direct")
    assert (await store.execute(agent, command, T0)).status == "ok"
    assert (await store.verify_audit()).entries == done + 1
    await store.close()
