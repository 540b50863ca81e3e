"""Lanes shared out among processes on a real broker: none held twice, and no word lost when one changes hands."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
import time
from collections.abc import AsyncIterator

import pytest

from pipeline.asr.engine import Engine
from pipeline.asr.scripted import ScriptedEngine
from pipeline.log.kafka import KafkaConnection, KafkaLane, lane_of
from pipeline.log.kafka_member import Member
from pipeline.log.kafka_options import KafkaOptions
from pipeline.metrics import Metrics
from pipeline.run.ear_worker import EarWorker
from schemas.calls import CallHeard, UtteranceHeard
from schemas.topics import AUDIO, LANES
from tests.kafka import child_worker
from tests.kafka.at_work import at_work, topics_of_our_own
from tests.kafka.child_worker import LINES, OPTIONS
from tests.unit.pipeline.asr.voice import silence, talk
from tests.unit.pipeline.asr.world import CALL, World

pytestmark = pytest.mark.kafka

SOUND = talk([("s", 0.5), ("v", 2.0), ("s", 1.0), ("v", 1.5), ("s", 1.0), ("v", 2.0), ("s", 1.0)])


@pytest.fixture
async def options(kafka: str) -> KafkaOptions:
    return await topics_of_our_own(kafka)


@pytest.fixture
async def world(options: KafkaOptions) -> AsyncIterator[World]:
    """What the door writes and the others read, over a connection of its own."""
    connection = await KafkaConnection.open(options)
    made = World()
    made.log = KafkaLane(connection, lane_of(CALL), clock=lambda: made.now)  # type: ignore[assignment]
    yield made
    await connection.close()


class Share:
    """A member that notes what it holds, and complains when a lane is held twice."""

    def __init__(self, options: KafkaOptions, held: dict[int, Share]) -> None:
        self.member = Member(options, "g", AUDIO, taken=self._take, given_up=self._give_up)
        self._held = held
        self.stop = asyncio.Event()
        self.task = asyncio.create_task(self.member.run(self.stop))

    async def _take(self, lanes: frozenset[int]) -> None:
        assert not lanes & self._held.keys()
        self._held.update(dict.fromkeys(lanes, self))

    async def _give_up(self, lanes: frozenset[int]) -> None:
        for lane in lanes:
            assert self._held.pop(lane) is self


async def until(world: World, condition: object) -> None:
    await world.until(condition, 90.0)  # type: ignore[arg-type]


async def test_lanes_move_between_members_and_are_never_held_twice(options: KafkaOptions, world: World) -> None:
    held: dict[int, Share] = {}

    def counts() -> list[int]:
        return sorted(list(held.values()).count(share) for share in shares)

    shares = [Share(options, held)]
    await until(world, lambda: counts() == [LANES])
    shares += [Share(options, held), Share(options, held)]
    await until(world, lambda: counts() == [LANES // 3] * 3)
    shares[0].stop.set()
    await shares[0].task
    await until(world, lambda: counts() == [0, LANES // 2, LANES // 2])
    for share in shares[1:]:
        share.stop.set()
        await share.task
    assert not held


def working(options: KafkaOptions, engine: Engine) -> contextlib.AbstractAsyncContextManager[EarWorker]:
    async def tell(state: str) -> None:
        pass

    return at_work(options, lambda on: EarWorker(on, engine, OPTIONS, Metrics(), tell))  # type: ignore[arg-type]


async def heard_in_memory() -> list[tuple[str, object]]:
    """The same call, heard by one ear over a log in memory."""
    world = World()
    await world.open()
    async with world.listening(ScriptedEngine(LINES), OPTIONS):
        await world.sound(SOUND)
        await world.sound(silence(1.0), leg="agent")
        await world.end()
        await world.heard()
    return [(event.id, event.body) for event in await world.said(UtteranceHeard)]


async def test_a_call_that_changes_hands_is_heard_as_if_it_had_not(options: KafkaOptions, world: World) -> None:
    mine = lane_of(CALL)
    await world.open()
    async with working(options, ScriptedEngine(LINES)) as first:
        await until(world, lambda: mine in first.work.lanes)
        await world.sound(SOUND[:30_000])
        await until(world, lambda: has_texts(world, 1))
        async with working(options, ScriptedEngine(LINES)) as second:
            await until(world, lambda: len(second.work.lanes) == LANES // 2)
            await world.sound(SOUND[30_000:48_000], at=30_000)
        await until(world, lambda: mine in first.work.lanes)
    async with working(options, ScriptedEngine(LINES)) as third:
        await world.sound(SOUND[48_000:], at=48_000)
        await world.sound(silence(1.0), leg="agent")
        await world.end()
        assert await world.heard() == CallHeard(utterances=3, failed=0)
        assert third.work.down == {}
    said = {event.id: event.body for event in await world.said(UtteranceHeard)}
    assert list(said.items()) == await heard_in_memory()


@contextlib.asynccontextmanager
async def child(options: KafkaOptions) -> AsyncIterator[asyncio.subprocess.Process]:
    """A transcriber in a process of its own; killed at the end if it still lives."""
    made = await asyncio.create_subprocess_exec(
        sys.executable, "-m", child_worker.__name__, options.servers, options.prefix, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield made
    finally:
        if made.returncode is None:
            made.kill()
        await made.wait()


async def test_a_transcriber_killed_in_mid_utterance_costs_no_word(options: KafkaOptions, world: World) -> None:
    await world.open()
    async with child(options) as first:
        await world.sound(SOUND[:30_000])
        await until(world, lambda: has_texts(world, 1))
        world.now = time.time()  # fresh sound is read while it is spoken
        await world.sound(SOUND[30_000:38_000], at=30_000)  # into the second thing said
        assert first.stdout is not None
        while True:  # until it reads what begins in the second sound, past 3 s
            line = (await asyncio.wait_for(first.stdout.readline(), 60)).split()
            if line[0] == b"reads" and int(line[1]) > 46_000:
                break
        first.send_signal(signal.SIGKILL)
        await first.wait()
    async with child(options):
        await world.sound(SOUND[38_000:], at=38_000)
        await world.sound(silence(1.0), leg="agent")
        await world.end()
        await until(world, lambda: world.said(CallHeard))
    said = {event.id: event.body for event in await world.said(UtteranceHeard)}
    assert list(said.items()) == await heard_in_memory()


async def has_texts(world: World, count: int) -> bool:
    return len(await world.texts()) >= count
