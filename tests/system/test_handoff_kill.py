"""kill -9 between a hand-off and the note of it: it goes out again under the same id, and the receiver has one."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.run.opening import open_store
from pipeline.store import handoff_queue
from pipeline.store.sql_store import SqlStore
from schemas.commands import CreateTicket
from schemas.ids import handoff_id
from tests.receiver import Receiver, receiving
from tests.system.world import settings_in, until

ROOT = Path(__file__).resolve().parents[2]


@asynccontextmanager
async def living(home: Path, url: str) -> AsyncIterator[asyncio.subprocess.Process]:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.system.child_handoff", str(home), url, cwd=ROOT
    )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.send_signal(signal.SIGKILL)
        await child.wait()


async def dispatched(store: SqlStore) -> str:
    agent = await store.ensure_user("wang", "王敏", "agent", "hash")
    category = next(iter(store.house.facts.categories))
    unit = next(code for code, fact in store.house.facts.units.items() if fact.takes_tickets)
    fields = {"kind": "help", "category": category, "title": "路灯不亮", "content": "湖滨路路灯不亮"}
    given: dict[str, Any] = {"fields": fields, "handling_mode": "forward", "lead_unit": unit}
    outcome = await store.execute(agent, CreateTicket(command_id="the-command", **given), datetime.now(UTC))
    return str(outcome.ticket)


async def test_killed_after_the_receiver_took_it_the_next_life_sends_the_same_and_learns_the_receipt(
    tmp_path: Path,
) -> None:
    store = open_store(settings_in(tmp_path))
    await store.write(lambda tx: handoff_queue.switch_on(tx, datetime.now(UTC)))
    ticket = await dispatched(store)
    async with receiving() as city:
        city.script = [taken_but_unanswered(city)]
        async with living(tmp_path, city.url) as child:

            async def taken() -> bool:
                return len(city.taken) == 1

            await until(taken, "the receiver to take it")
            child.send_signal(signal.SIGKILL)
            await child.wait()
        supervisor = await store.ensure_user("zhao", "赵主任", "supervisor", "hash")

        async def state() -> Any:
            return (await store.ticket(supervisor, ticket)).handoffs[0]  # type: ignore[union-attr]

        assert (await state()).state == "waiting", "nothing was noted of the try"
        async with living(tmp_path, city.url):

            async def settled() -> bool:
                return (await state()).state == "delivered"

            await until(settled, "the next life to deliver")
        assert [met.id for met in city.met] == [handoff_id(ticket, 1)] * 2
        assert len({met.body for met in city.met}) == 1 and len(city.taken) == 1
        assert (await state()).receipt == "R-1"
    await store.close()


def taken_but_unanswered(city: Receiver) -> Any:
    async def play(request: Any, writer: asyncio.StreamWriter) -> None:
        city.taken[request.id] = request.body
        await asyncio.Event().wait()

    return play
