"""Gateways when things break: brokers that die or stand still, gateways that are killed. Nothing is lost, nothing twice."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from pipeline.ingest.switchboard import Limits
from pipeline.log.kafka import KafkaConnection
from pipeline.log.kafka_options import KafkaOptions
from pipeline.run.gateway import Gateway
from schemas.calls import CallEnded, CallStarted, GapFound, NoticeGiven
from tests.conftest import untested
from tests.kafka.at_work import topics_of_our_own
from tests.kafka.broker import Broker, lacking
from tests.kafka.gateways import (
    PATIENCE_S,
    Kept,
    Speaking,
    assert_each_once,
    ended,
    files_in,
    serving,
    source,
    speak,
    start,
    until,
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
    return await topics_of_our_own(broker.servers)


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
