"""Gateways that are killed or told to stop: their calls go on or end, and what they kept is sent once or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from websockets.exceptions import InvalidStatus

from pipeline.ingest.switchboard import Limits
from pipeline.log.kafka_options import KafkaOptions
from schemas.calls import CallEnded, CallStarted, GapFound, NoticeGiven
from tests.kafka.broker import Broker
from tests.kafka.gateways import (
    LEGS,
    PATIENCE_S,
    Child,
    Kept,
    Speaking,
    assert_each_once,
    ended,
    files_in,
    said,
    serving,
    source,
    speak,
    start,
    until,
)
from tests.kafka.test_gateway_faults import broker, options, reading

pytestmark = pytest.mark.kafka
__all__ = ["broker", "options", "reading"]  # fixtures


@pytest.fixture
def begun(tmp_path: Path, options: KafkaOptions) -> Iterator[Callable[[str], Child]]:
    children: list[Child] = []

    def begin(home: str) -> Child:
        children.append(Child(tmp_path / home, options))
        return children[-1]

    yield begin
    for child in children:
        child.kill()


async def test_a_gateway_that_is_killed_with_a_full_spool_sends_it_first_when_it_starts_again(
    broker: Broker,
    options: KafkaOptions,
    reading: Callable[[str], Awaitable[Kept]],
    begun: Callable[[str], Child],
    tmp_path: Path,
) -> None:
    child = begun("home")
    url = await asyncio.to_thread(child.url)
    ws = await source(url)
    await ws.send(start("c1"))
    async with Speaking(ws) as speaking:
        await (await reading("c1")).until(lambda bodies: len(bodies) == 2, "the call has begun")
        broker.kill()
        await until(lambda: speaking.next > 200, "four seconds of speech")
        other = await source(url)
        await other.send(start("c2"))
        await speak(other, range(60))
        await other.send('{"type":"stop"}')
        await other.wait_closed()
        assert other.close_code == 1000  # so it is accepted: not with the brokers, who are dead
        child.kill()
    assert files_in(tmp_path / "home" / "spool")
    await asyncio.to_thread(broker.start)
    async with serving(tmp_path / "home", options) as gateway:
        await asyncio.wait_for(gateway.outlet.emptied.wait(), PATIENCE_S)
    kept = await reading("c2")
    assert [type(b) for b in await kept.bodies()] == [CallStarted, NoticeGiven, CallEnded]
    await assert_each_once(kept, range(60))
    first = await reading("c1")
    frames = await first.frames("caller")
    assert [frame.seq for frame in frames] == list(range(1, len(frames) + 1))
    assert len(frames) >= 30  # of 40 that were sent before c2 began, most were accepted by then


async def test_what_a_dead_gateway_kept_of_a_call_that_went_on_elsewhere_is_not_mixed_into_it(
    broker: Broker,
    options: KafkaOptions,
    reading: Callable[[str], Awaitable[Kept]],
    begun: Callable[[str], Child],
    tmp_path: Path,
) -> None:
    child = begun("doomed")
    ws = await source(await asyncio.to_thread(child.url))
    await ws.send(start("c1"))
    async with Speaking(ws) as speaking:
        kept = await reading("c1")
        await kept.until(lambda bodies: len(bodies) == 2, "the call has begun")
        await until(lambda: speaking.next > 50, "a second of speech")
        broker.kill()
        at = speaking.next
        await until(lambda: speaking.next > at + 200, "four seconds of speech that go to the spool")
        child.kill()
    assert files_in(tmp_path / "doomed" / "spool")
    await asyncio.to_thread(broker.start)
    async with serving(tmp_path / "2", options) as two, source(two.door.url) as again:
        await again.send(start("c1"))
        async with Speaking(again, 1000) as more:
            await until(lambda: two.door.is_feeding(kept.call), "the call goes on")
            async with serving(tmp_path / "doomed", options) as one:
                await asyncio.wait_for(one.outlet.emptied.wait(), PATIENCE_S)
                assert one.outlet.foreign > 0
            at = more.next
            await until(lambda: more.next > at + 20, "more speech")
        await again.send('{"type":"stop"}')
        await again.wait_closed()
        assert again.close_code == 1000
    bodies = await (await reading("c1")).until(ended, "the call has ended")
    for leg in LEGS:
        frames = await kept.frames(leg)
        assert [frame.seq for frame in frames] == list(range(1, len(frames) + 1))
        assert (await kept.sound(leg)).endswith(said(more.messages, leg))
        gaps = [(body.sample_pos, body.samples) for body in bodies if isinstance(body, GapFound) and body.leg == leg]
        at = 0
        for position, samples in sorted([(f.sample_pos, f.samples) for f in frames] + gaps):
            assert position == at
            at += samples


async def test_calls_a_dead_gateway_left_open_end_as_lost_and_those_of_living_ones_do_not(
    options: KafkaOptions,
    reading: Callable[[str], Awaitable[Kept]],
    begun: Callable[[str], Child],
    tmp_path: Path,
) -> None:
    child = begun("doomed")
    doomed = await source(await asyncio.to_thread(child.url))
    limits = Limits(max_ahead_s=0.0, grace_s=1.0)
    async with (
        serving(tmp_path / "1", options, limits) as one,
        serving(tmp_path / "2", options, limits) as two,
        source(one.door.url) as quiet,
        source(two.door.url) as other,
        source(child.address) as moving,
    ):
        for name, ws in (("lost", doomed), ("moves", moving), ("quiet", quiet), ("spoken", other)):
            await ws.send(start(name, notice="pending" if name == "quiet" else "played"))
            await speak(ws, range(20))
        kept = {name: await reading(name) for name in ("lost", "moves", "quiet", "spoken")}
        for name, call in kept.items():
            await call.until(lambda bodies: len(bodies) >= 1, f"{name} has begun")
        child.kill()
        async with source(two.door.url) as again:
            await again.send(start("moves"))
            await until(lambda: two.door.is_feeding(kept["moves"].call), "the call goes on")
            async with Speaking(other), Speaking(again):
                bodies = await kept["lost"].until(ended, "the call of the dead gateway has ended")
            assert bodies[-1].reason == "lost"
            assert bodies[-1].samples == {leg: len(await kept["lost"].sound(leg)) for leg in LEGS}
            for name in ("moves", "quiet", "spoken"):
                assert not ended(await kept[name].bodies())
            for leg in LEGS:
                frames = await kept["moves"].frames(leg)
                assert frames and [frame.seq for frame in frames] == list(range(1, len(frames) + 1))


async def turned_away(url: str) -> None:
    """Waits until a new source is refused."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                await (await source(url)).close()
            except InvalidStatus as error:
                assert error.response.status_code == 503
                return


async def test_sigterm_lets_calls_end_and_refuses_new_ones(
    options: KafkaOptions, reading: Callable[[str], Awaitable[Kept]], begun: Callable[[str], Child]
) -> None:
    child = begun("home")
    url = await asyncio.to_thread(child.url)
    async with source(url) as ws, source(url) as left:
        await ws.send(start("c1"))
        await left.send(start("c2"))
        await speak(left, range(10))
        async with Speaking(ws) as speaking:
            await (await reading("c1")).until(lambda bodies: len(bodies) == 2, "the call has begun")
            child.process.terminate()

            await turned_away(url)
            at = speaking.next
            await until(lambda: speaking.next > at + 20, "more speech")
        await ws.send('{"type":"stop"}')
        await ws.wait_closed()
        assert ws.close_code == 1000
        await left.wait_closed()
        assert left.close_code == 1001
    assert await asyncio.to_thread(child.process.wait, 60) == 0
    kept = await reading("c1")
    assert ended(await kept.bodies())
    await assert_each_once(kept, speaking.messages)
    await assert_each_once(await reading("c2"), range(10))
    assert not ended(await (await reading("c2")).bodies())
