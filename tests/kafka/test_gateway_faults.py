"""Gateways when things break: brokers that die or stand still, gateways that are killed. Nothing is lost, nothing twice."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from pipeline.ingest.switchboard import Limits
from pipeline.log.kafka import KafkaConnection
from pipeline.log.kafka_options import KafkaOptions
from pipeline.log.kafka_topics import create_topics
from pipeline.run.gateway import Gateway
from schemas.calls import CallEnded, CallStarted, GapFound, NoticeGiven
from schemas.topics import LANES
from tests.conftest import untested
from tests.kafka.broker import Broker, lacking
from tests.kafka.gateways import (
    LEGS,
    PATIENCE_S,
    TOKEN,
    Kept,
    Speaking,
    assert_each_once,
    ended,
    said,
    serving,
    source,
    speak,
    start,
)

pytestmark = pytest.mark.kafka
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """A broker of its own, which may be killed."""
    if absent := lacking():
        untested(f"there is no {absent} here", "NOT TESTED: that a gateway loses nothing when its broker dies")
    found = Broker(tmp_path / "broker").start()
    yield found
    found.stop()


@pytest.fixture
async def options(broker: Broker) -> KafkaOptions:
    found = KafkaOptions(servers=broker.servers, prefix=f"{uuid.uuid4().hex[:8]}.")
    await asyncio.to_thread(create_topics, found, LANES)
    return found


@pytest.fixture
async def reading(options: KafkaOptions) -> AsyncIterator[Callable[[str], Awaitable[Kept]]]:
    """Asks what is kept, over connections made when asked: the broker is there then."""
    opened: list[KafkaConnection] = []

    async def kept(call: str) -> Kept:
        opened.append(await KafkaConnection.open(options))
        return Kept(opened[-1], call)

    yield kept
    for connection in opened:
        await connection.close()


async def until(ready: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not ready():
        assert time.monotonic() < deadline, f"not within {PATIENCE_S:.0f} s: {what}"
        await asyncio.sleep(0.05)


async def spooled(gateway: Gateway, entries: int) -> None:
    await until(lambda: gateway.outlet.pending >= entries, f"{entries} entries in the spool")


@pytest.mark.parametrize("long", [False, True], ids=["a moment", "longer than an append may take"])
async def test_a_broker_that_is_killed_in_mid_call_costs_nothing(
    broker: Broker, options: KafkaOptions, reading: Callable[[str], Awaitable[Kept]], tmp_path: Path, long: bool
) -> None:
    async with serving(tmp_path / "home", options) as gateway, source(gateway.door.url) as ws:
        await ws.send(start("c1"))
        async with Speaking(ws) as speaking:
            await until(lambda: speaking.next > 50, "a second of speech")
            broker.kill()
            async with source(gateway.door.url) as other:  # a call that begins and ends while no broker answers
                await other.send(start("c2"))
                await speak(other, range(60))
                await other.send('{"type":"stop"}')
                await other.wait_closed()
                assert other.close_code == 1000
            await spooled(gateway, 20)
            if long:
                await until(lambda: gateway.outlet.in_flight == 0, "every append given up")
            await asyncio.to_thread(broker.start)
            await asyncio.wait_for(gateway.outlet.emptied.wait(), PATIENCE_S)
            await until(lambda: gateway.outlet.is_direct, "the brokers are back")
            at = speaking.next
            await until(lambda: speaking.next > at + 50, "another second of speech")
        await ws.send('{"type":"stop"}')
        await ws.wait_closed()
        assert ws.close_code == 1000
    for call, messages in (("c1", speaking.messages), ("c2", range(60))):
        kept = await reading(call)
        assert [type(b) for b in await kept.bodies()] == [CallStarted, NoticeGiven, CallEnded]
        await assert_each_once(kept, messages)
    assert not files_in(tmp_path / "home" / "spool")


async def test_a_broker_that_stands_still_costs_nothing(
    broker: Broker, options: KafkaOptions, reading: Callable[[str], Awaitable[Kept]], tmp_path: Path
) -> None:
    async with serving(tmp_path / "home", options) as gateway, source(gateway.door.url) as ws:
        await ws.send(start("c1"))
        async with Speaking(ws) as speaking:
            await until(lambda: speaking.next > 50, "a second of speech")
            broker.signal(signal.SIGSTOP)
            await spooled(gateway, 20)
            await until(lambda: gateway.outlet.in_flight == 0, "every append given up")
            broker.signal(signal.SIGCONT)
            await asyncio.wait_for(gateway.outlet.emptied.wait(), PATIENCE_S)
        await ws.send('{"type":"stop"}')
        await ws.wait_closed()
        assert ws.close_code == 1000
    kept = await reading("c1")
    assert [type(b) for b in await kept.bodies()] == [CallStarted, NoticeGiven, CallEnded]
    await assert_each_once(kept, speaking.messages)


async def test_a_gateway_opens_without_brokers_and_sends_what_it_kept_when_they_come(
    broker: Broker, options: KafkaOptions, reading: Callable[[str], Awaitable[Kept]], tmp_path: Path
) -> None:
    broker.kill()
    async with serving(tmp_path / "home", options) as gateway, source(gateway.door.url) as ws:
        await ws.send(start("c1"))
        async with Speaking(ws) as speaking:
            await spooled(gateway, 10)
            await asyncio.to_thread(broker.start)
            await asyncio.wait_for(gateway.house.ready.wait(), PATIENCE_S)
            await asyncio.wait_for(gateway.outlet.emptied.wait(), PATIENCE_S)
        await ws.send('{"type":"stop"}')
        await ws.wait_closed()
        assert ws.close_code == 1000
    kept = await reading("c1")
    assert ended(await kept.bodies())
    await assert_each_once(kept, speaking.messages)


async def test_a_full_spool_refuses_loudly_counts_what_it_lost_and_recovers(
    broker: Broker, options: KafkaOptions, reading: Callable[[str], Awaitable[Kept]], tmp_path: Path
) -> None:
    limits = Limits(max_ahead_s=0.0, patience_s=0.2)
    with capture_logs() as lines:
        async with serving(tmp_path / "home", options, limits, spool_mb=1) as gateway:
            ws = await source(gateway.door.url)
            await ws.send(start("c1"))
            await speak(ws, range(50))
            broker.kill()
            with contextlib.suppress(ConnectionClosed):
                await speak(ws, range(50, 10_000))
            await ws.wait_closed()
            assert ws.close_code == 1013
            with pytest.raises(InvalidStatus) as refused:
                await source(gateway.door.url)
            assert refused.value.response.status_code == 503
            await asyncio.to_thread(broker.start)
            await asyncio.wait_for(gateway.outlet.emptied.wait(), PATIENCE_S)
            again = await taken_in(gateway.door.url)
            await again.send(start("c2"))
            await speak(again, range(50))
            await again.send('{"type":"stop"}')
            await again.wait_closed()
            assert again.close_code == 1000
            kept = await reading("c1")
            bodies = await kept.until(ended, "the call whose source was refused has ended")
    assert [line["reason"] for line in lines if line["event"] == "door alarm"].count("log_full") >= 1
    await assert_each_once(await reading("c2"), range(50))
    gaps = [body for body in bodies if isinstance(body, GapFound) and body.leg == "caller"]
    assert "overflow" in {gap.cause for gap in gaps}
    frames = await kept.frames("caller")
    assert [frame.seq for frame in frames] == sorted({frame.seq for frame in frames})
    assert sum(frame.samples for frame in frames) == bodies[-1].samples["caller"]
    assert sum(gap.samples for gap in gaps) == bodies[-1].gaps["caller"]
    stretches = sorted([(f.sample_pos, f.samples) for f in frames] + [(g.sample_pos, g.samples) for g in gaps])
    at = 0
    for position, samples in stretches:  # no sample is both, none is neither
        assert position == at
        at += samples


async def taken_in(url: str) -> ClientConnection:
    """Knocks until the door takes new sources."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            with contextlib.suppress(InvalidStatus):
                return await source(url)
            await asyncio.sleep(0.2)


def files_in(spool: Path) -> list[Path]:
    return sorted(spool.glob("*.spool"))


class Child:
    """`hotline gateway` in a process of its own."""

    def __init__(self, home: Path, options: KafkaOptions) -> None:
        environment = {
            "HOTLINE_HOME": str(home),
            "HOTLINE_DOOR_PORT": "0",
            "HOTLINE_DOOR_MAX_AHEAD_S": "0",
            "HOTLINE_SWITCHES": f"fs1={TOKEN}",
            "HOTLINE_KAFKA": options.servers,
            "HOTLINE_KAFKA_PREFIX": options.prefix,
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from pipeline.cli.main import run; run()", "gateway"],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            cwd=ROOT,
            env={**os.environ, **environment, "PYTHONPATH": str(ROOT)},
            text=True,
        )

    def url(self) -> str:
        """Where its door is, once it is open."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if "open at " in line:
                self.address = line.partition("open at ")[2].partition(";")[0]
                return self.address
        raise AssertionError(f"the gateway ended with {self.process.wait()}")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(30)


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
