"""Gateways on a real broker: what a switch sends arrives whole, once and in order, whichever gateway it comes to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.log.kafka import KafkaConnection
from pipeline.log.kafka_options import KafkaOptions
from schemas.calls import CallControlled, CallEnded, CallStarted, GapFound, NoticeGiven
from tests.kafka.at_work import topics_of_our_own
from tests.kafka.gateways import LEGS, PATIENCE_S, Kept, assert_each_once, said, sent, serving, source, speak, start

pytestmark = pytest.mark.kafka


@pytest.fixture
async def options(kafka: str) -> KafkaOptions:
    return await topics_of_our_own(kafka)


@pytest.fixture
async def reading(options: KafkaOptions) -> AsyncIterator[KafkaConnection]:
    connection = await KafkaConnection.open(options)
    yield connection
    await connection.close()


def kinds(bodies: list[object]) -> list[type]:
    return [type(body) for body in bodies]


async def test_a_call_arrives_whole(options: KafkaOptions, reading: KafkaConnection, tmp_path: Path) -> None:
    async with serving(tmp_path, options) as gateway, source(gateway.door.url) as ws:
        await ws.send(start("c1"))
        await speak(ws, range(100))
        await ws.send('{"type":"stop"}')
        await ws.wait_closed()
        assert ws.close_code == 1000
        await sent(gateway)
    kept = Kept(reading, "c1")
    bodies = await kept.bodies()
    assert kinds(bodies) == [CallStarted, NoticeGiven, CallEnded]
    assert bodies[-1].samples == {"caller": 16_000, "agent": 16_000}
    await assert_each_once(kept, range(100))
    assert {frame.samples for frame in await kept.frames("caller")} == {800}


async def refused(url: str, name: str) -> int:
    """The close code of a source that rings anew; it tries again when told that the log is slow, as a switch does."""
    while True:
        again = await source(url)
        await again.send(start(name))
        await asyncio.wait_for(again.wait_closed(), PATIENCE_S)
        if again.close_code != 1013:
            return int(again.close_code or 0)


async def test_a_source_that_comes_back_at_another_gateway_goes_on_with_its_call(
    options: KafkaOptions, reading: KafkaConnection, tmp_path: Path
) -> None:
    kept = Kept(reading, "c1")
    async with serving(tmp_path / "1", options) as one, serving(tmp_path / "2", options) as two:
        first = await source(one.door.url)
        await first.send(start("c1"))
        await speak(first, range(50))
        await kept.until_heard(range(50))
        async with source(two.door.url) as second:
            await second.send(start("c1"))
            await speak(second, range(50, 100))
            await asyncio.wait_for(first.wait_closed(), PATIENCE_S)
            assert first.close_code == 4409
            assert not one.door.is_feeding(kept.call)
            await second.send('{"type":"stop"}')
            await asyncio.wait_for(second.wait_closed(), PATIENCE_S)
        assert await refused(one.door.url, "c1") == 4409
        await sent(one, two)
    bodies = await kept.bodies()
    assert kinds([b for b in bodies if not isinstance(b, GapFound)]) == [
        CallStarted,
        NoticeGiven,
        CallControlled,
        CallEnded,
    ]
    gaps = {b.leg: b for b in bodies if isinstance(b, GapFound)}
    assert {gap.cause for gap in gaps.values()} <= {"lost"}, "the time in which nobody was sent anything"
    for leg in LEGS:
        frames = await kept.frames(leg)
        assert [frame.seq for frame in frames] == list(range(1, len(frames) + 1))
        assert b"".join(frame.data for frame in frames) == said(range(100), leg)
        silent = {gaps[leg].sample_pos: gaps[leg].samples} if leg in gaps else {}
        for before, after in pairwise(frames):
            end = before.sample_pos + before.samples
            assert after.sample_pos == end + silent.get(end, 0)
        assert bodies[-1].samples[leg] + bodies[-1].gaps[leg] == frames[-1].sample_pos + frames[-1].samples
