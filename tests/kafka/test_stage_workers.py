"""The stages on a real broker: what they make of calls is what the embedded house makes of them, whoever holds the lane."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from benchmarks.stages.material import call_events
from pipeline.log.kafka import KafkaConnection, KafkaLane, lane_of
from pipeline.log.kafka_options import KafkaOptions
from pipeline.log.memory import MemoryLog
from pipeline.log.ports import Log
from pipeline.metrics import Metrics
from pipeline.run.opening import open_store
from pipeline.run.stage_worker import StageWorker
from pipeline.run.understanding import EarlierTickets
from pipeline.settings import Settings
from pipeline.store.sql_store import SqlStore
from schemas import Event
from schemas.codec import decode, encode
from schemas.topics import ALERTS, CALLS, DRAFTS, SUGGESTIONS
from tests.city import the_city
from tests.kafka.at_work import at_work, topics_of_our_own, understood
from tests.system.world import until

pytestmark = pytest.mark.kafka

STREAMS = [call_events(n) for n in (0, 2, 5)]
Made = dict[str, dict[str, Event]]  # topic → id → event


async def made(logs: list[Log]) -> Made:
    """What the stages wrote; the same event met twice is one."""
    found: Made = {topic: {} for topic in (DRAFTS, SUGGESTIONS, ALERTS)}
    for log in logs:
        for topic, events in found.items():
            for record in await log.read(topic, 0, 100_000):
                event = decode(record.value)
                events[event.id] = event
    return found


def differing(one: Made, other: Made) -> list[str]:
    """Topics and ids at which two houses made different things."""
    return [
        f"{topic} {id}"
        for topic in one
        for id in one[topic].keys() | other[topic].keys()
        if one[topic].get(id) != other[topic].get(id)
    ]


@contextlib.asynccontextmanager
async def store_in(folder: Path) -> AsyncIterator[SqlStore]:
    store = open_store(Settings(home=folder))
    yield store
    await store.close()


async def embedded(folder: Path) -> Made:
    log = MemoryLog()
    async with store_in(folder) as store:
        for event in (event for stream in STREAMS for event in stream):
            await log.append(CALLS, event.call, encode(event))
        await understood(log, EarlierTickets(store))
    return await made([log])


def working(options: KafkaOptions, store: SqlStore) -> contextlib.AbstractAsyncContextManager[StageWorker]:
    return at_work(options, lambda connection: StageWorker(connection, store, the_city().index.pack, Metrics()))


async def test_calls_that_change_hands_are_understood_as_in_one_house(kafka: str, tmp_path: Path) -> None:
    options = await topics_of_our_own(kafka)
    wanted = await embedded(tmp_path / "embedded")
    assert all(wanted[topic] for topic in (DRAFTS, SUGGESTIONS))
    mine = await KafkaConnection.open(options)
    lanes = {stream[0].call: KafkaLane(mine, lane_of(stream[0].call)) for stream in STREAMS}
    logs: list[Log] = list({lane.number: lane for lane in lanes.values()}.values())

    async def say(part: slice) -> None:
        for stream in STREAMS:
            for event in stream[part]:
                await lanes[event.call].append(CALLS, event.call, encode(event))

    async def count(topic: str, least: int) -> bool:
        return len((await made(logs))[topic]) >= least

    async with store_in(tmp_path / "kafka") as store:
        async with working(options, store):
            await say(slice(0, 6))
            await until(lambda: count(DRAFTS, 3 * 4), "the first drafts")
        async with working(options, store) as second, working(options, store) as third:
            await say(slice(6, None))
            for topic, events in wanted.items():
                await until(partial(count, topic, len(events)), f"the last of {topic}")
            await until(lambda: recorded(store, wanted), "the record")

            async def all_held() -> bool:  # a lane that moves is held by nobody for a moment
                return len(second.lanes | third.lanes) == second.places

            await until(all_held, "every lane held")
            assert second.down == third.down == {}
    assert differing(await made(logs), wanted) == []
    await mine.close()


async def recorded(store: SqlStore, wanted: Made) -> bool:
    """Whether the newest draft of every call is on record."""
    newest = {stream[0].call: 0 for stream in STREAMS}
    for event in wanted[DRAFTS].values():
        newest[event.call] = max(newest[event.call], event.body.revision)
    held = {call: await store.snapshot(call) for call in newest}
    return all(held[call] is not None and held[call][0] >= newest[call] for call in newest)  # type: ignore[index]
