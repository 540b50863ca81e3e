from __future__ import annotations

import asyncio
import contextlib

from pipeline.asr.events import LegName, partial_heard
from pipeline.asr.partials import PartialOutbox
from pipeline.log.memory import MemoryLog
from pipeline.log.ports import LogFull
from schemas import Event
from schemas.audio import Leg
from schemas.calls import UtteranceHeard
from schemas.codec import decode
from schemas.topics import PARTIALS
from tests.unit.pipeline.asr.world import START


def partial(rev: int, leg: Leg = "caller") -> Event:
    name = LegName(tenant="yunlan", call="c", leg=leg, rate=8000, cause="e", started=START)
    return partial_heard(name, 0, 16_000, rev, "好", "的")


class FullLog(MemoryLog):
    async def append(self, topic: str, key: str, value: bytes, head: bytes = b"") -> int:
        if await self.end(topic) == 0 and not self.refused:
            self.refused = True
            raise LogFull("no room")
        return await super().append(topic, key, value, head)

    refused = False


async def run(log: MemoryLog, events: list[Event]) -> list[tuple[str, int]]:
    outbox = PartialOutbox(log)
    for event in events:
        outbox.show(event)
    task = asyncio.create_task(outbox.run())
    await asyncio.sleep(0.02)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    bodies = [decode(record.value).body for record in await log.read(PARTIALS, 0)]
    return [(body.leg, body.rev) for body in bodies]


async def test_of_each_leg_only_the_newest_goes_out() -> None:
    events = [partial(1), partial(2), partial(1, "agent"), partial(3)]
    assert sorted(await run(MemoryLog(), events)) == [("agent", 1), ("caller", 3)]


async def test_no_partial_comes_after_the_final_of_its_segment() -> None:
    log = MemoryLog()
    outbox = PartialOutbox(log)
    outbox.show(partial(1))
    outbox.show(partial(1, "agent"))
    final = UtteranceHeard(
        utterance="u", leg="caller", start_s=0.0, end_s=1.0, first_sample=0, last_sample=7999, text="好的"
    )
    outbox.withdraw(final, "c")
    task = asyncio.create_task(outbox.run())
    await asyncio.sleep(0.02)
    task.cancel()
    assert [decode(record.value).body.leg for record in await log.read(PARTIALS, 0)] == ["agent"]


async def test_a_partial_the_log_cannot_take_is_let_go_and_the_next_one_goes() -> None:
    assert await run(FullLog(), [partial(1), partial(1, "agent")]) == [("agent", 1)]


def test_every_revision_has_an_id_of_its_own_and_a_replay_the_same() -> None:
    assert partial(1).id != partial(2).id
    assert partial(1).id == partial(1).id
    assert partial(1).body.segment == partial(2).body.segment
