"""Decisions reach Kafka through whichever relay is at work, in order, each to the lane of its call."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

import pytest

from pipeline.log.kafka import KafkaConnection, KafkaLane, lane_of
from pipeline.log.kafka_options import KafkaOptions
from pipeline.log.memory import MemoryLog
from pipeline.metrics import Metrics
from pipeline.record.recorder import Recorder
from pipeline.run.relay_worker import RelayWorker
from pipeline.store.sql_store import SqlStore
from schemas.codec import decode
from schemas.commands import ClaimCall, EditField
from schemas.ids import matter_id
from schemas.topics import CALLS
from tests.contract.a_call import CALL, draft, notice, started
from tests.kafka.at_work import at_work, topics_of_our_own
from tests.system.world import until
from tests.unit.pipeline.record.test_recorder import NOW, agent_of, say, store

pytestmark = pytest.mark.kafka
__all__ = ["store"]  # a fixture


def relaying(options: KafkaOptions, store: SqlStore) -> AbstractAsyncContextManager[RelayWorker]:
    return at_work(options, lambda connection: RelayWorker(connection, store, Metrics()))


async def test_decisions_reach_the_calls_lane_and_the_next_relay_goes_on(kafka: str, store: SqlStore) -> None:
    options = await topics_of_our_own(kafka)
    mine = await KafkaConnection.open(options)
    lane = KafkaLane(mine, lane_of(CALL))
    known = MemoryLog()
    await say(known, started("nobody"), notice(), draft(1))
    await Recorder(known, store).drain()
    agent = await agent_of(store)

    async def told(count: int) -> bool:
        return len(await lane.read(CALLS, 0)) >= count

    async with relaying(options, store) as first:

        async def works(worker: RelayWorker = first) -> bool:
            return worker.is_working

        await until(works, "a relay at work")
        async with relaying(options, store) as second:
            await store.execute(agent, ClaimCall(command_id="cmd-claim", call=CALL), NOW)
            await until(lambda: told(1), "the claim")
            assert not (first.is_working and second.is_working)
    async with relaying(options, store):
        edit = EditField(command_id="cmd-edit", call=CALL, matter=matter_id(CALL, 0), field="title", value="改过")
        await store.execute(agent, edit, NOW)
        await until(lambda: told(2), "the edit")
    said = {event.id: event for event in (decode(record.value) for record in await lane.read(CALLS, 0))}
    assert [event.type for event in said.values()] == ["call.agent_assigned", "field.edited"]
    assert await store.waiting_events() == []
    await mine.close()
