"""The door over real sockets: what each source, good or bad, gets for an answer, and what the log then holds."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from pipeline.ingest.logged_calls import LoggedCalls
from pipeline.ingest.past import Past
from pipeline.ingest.start import Switch
from pipeline.ingest.switchboard import Limits
from pipeline.ingest.ws_door import WsDoor
from pipeline.log.memory import MemoryLog
from pipeline.log.ports import Log, LogFull
from pipeline.log.sqlite import SqliteLog
from schemas.audio import frame_from
from schemas.calls import CallEnded, CallStarted, GapFound, NoticeGiven
from schemas.codec import decode
from schemas.event import Body
from schemas.ids import call_id
from tests.unit.pipeline.ingest.bench import start_message

ROOT = Path(__file__).resolve().parents[4]
TOKEN = "a-token-of-the-switch"
SWITCHES = [Switch(name="fs1", token=TOKEN), Switch(name="fs2", token="another-token-of-16", notice="played")]
QUICK = Limits(grace_s=0.4, takeover_s=0.2, linger_s=0.1, patience_s=0.2)
HASTY = Limits(start_s=0.3)


@asynccontextmanager
async def door_on(log: Log, limits: Limits = QUICK, **options: Any) -> AsyncIterator[WsDoor]:
    async with WsDoor(LoggedCalls(log), SWITCHES, tenant="yunlan", limits=limits, **options) as door:
        yield door


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


@pytest.fixture
async def door(log: MemoryLog) -> AsyncIterator[WsDoor]:
    async with door_on(log) as door:
        yield door


def source(door: WsDoor, token: str | None = TOKEN, **options: Any) -> connect:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    headers |= options.pop("headers", {})
    return connect(door.url, additional_headers=headers, proxy=None, **options)


async def closed_with(ws: ClientConnection) -> int:
    with pytest.raises(ConnectionClosed) as closed:
        async with asyncio.timeout(10):
            while True:
                await ws.recv()
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


async def bodies(log: Log, last: type[Body] | None = None) -> list[Any]:
    """Bodies in topic calls; waits until the newest is a `last`."""
    async with asyncio.timeout(10):
        while True:
            found = [decode(record.value).body for record in await log.read("calls", 0, 10_000)]
            if last is None or (found and isinstance(found[-1], last)):
                return found
            await log.wait("calls", len(found))


async def audio(log: Log) -> dict[str, bytes]:
    legs: dict[str, bytes] = {}
    for record in await log.read("audio", 0, 100_000):
        frame = frame_from(record.key, record.head, record.value)
        legs[frame.leg] = legs.get(frame.leg, b"") + frame.data
    return legs


async def test_a_call_comes_through_byte_for_byte(door: WsDoor, log: MemoryLog) -> None:
    sent = os.urandom(320 * 50 + 2)
    async with source(door) as ws:
        await ws.send(start_message())
        for begin in range(0, len(sent), 320):
            await ws.send(sent[begin : begin + 320])
        await ws.send('{"type":"stop"}')
        assert await closed_with(ws) == 1000
    started, notice, ended = await bodies(log, CallEnded)
    assert (started.agent, started.ani, started.switch) == ("1001", "13912345678", "fs1")
    assert notice == NoticeGiven(how="played")
    assert ended == CallEnded(reason="stopped", samples={"caller": 8001, "agent": 8001}, gaps={"caller": 0, "agent": 0})
    assert await audio(log) == {"caller": sent[0::2], "agent": sent[1::2]}
    stats = door.stats()
    assert (stats.begun, stats.ended, stats.live, stats.refusals) == (1, 1, 0, {})


FORK = {"callSid": "f1", "sampleRate": 16000, "mixType": "stereo", "from": "1390000", "to": "12345"}


@pytest.mark.parametrize("name", ["audio.drachtio.org", "audio.jambonz.org", "audiostream.drachtio.org"])
async def test_mod_audio_fork_is_answered_in_its_sub_protocol(door: WsDoor, log: MemoryLog, name: str) -> None:
    basic = base64.b64encode(f"fs2:{SWITCHES[1].token}".encode()).decode()
    options: dict[str, Any] = {"subprotocols": [Subprotocol("else"), Subprotocol(name)]}
    async with source(door, None, headers={"Authorization": f"Basic {basic}"}, **options) as ws:
        assert ws.subprotocol == name
        await ws.send(json.dumps(FORK))
        for _ in range(4):
            await ws.send(b"\x01\x02\x03\x04" * 8000)  # 2 s at once, as its buffer gives them
        await ws.close()
    started, _, ended = await bodies(log, CallEnded)
    assert (started.source, started.rate, started.ani) == ("f1", 16000, "1390000")
    assert ended.reason == "closed"
    assert await audio(log) == {"caller": b"\x01\x02" * 32000, "agent": b"\x03\x04" * 32000}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer wrong-token-of-16"}, 401),
        ({"Authorization": f"Bearer {TOKEN}", "Origin": "https://example.org"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
async def test_strangers_and_browsers_are_turned_away_before_the_upgrade(
    door: WsDoor, log: MemoryLog, headers: dict[str, str], status: int
) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with source(door, None, headers=headers):
            pass
    assert refused.value.response.status_code == status
    assert sum(door.stats().refusals.values()) == 1
    assert await log.end("calls") == 0


async def test_libwebsockets_names_the_door_s_own_address_as_origin_and_is_no_browser(door: WsDoor) -> None:
    async with source(door, headers={"Origin": f"http://127.0.0.1:{door.port}"}) as ws:
        await ws.send(start_message())
    with pytest.raises(InvalidStatus):
        async with source(door, headers={"Origin": f"http://127.0.0.1:{door.port + 1}"}):
            pass


async def test_a_token_in_the_url_opens_nothing(door: WsDoor) -> None:
    with pytest.raises(InvalidStatus):
        async with connect(f"{door.url}?token={TOKEN}", proxy=None):
            pass


async def test_a_door_that_is_full_says_when_to_come_again(log: MemoryLog) -> None:
    async with door_on(log, Limits(max_calls=1)) as door, source(door):
        with pytest.raises(InvalidStatus) as refused:
            async with source(door):
                pass
        assert refused.value.response.status_code == 503
        assert refused.value.response.headers["Retry-After"] == "5"
        assert door.stats().refusals == {"calls": 1}


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ("no json", 1007),
        ('{"type":"stop"}', 1008),
        (start_message(codec="OPUS"), 1003),
        (start_message(rate=44100), 1003),
        ("x" * 70_000, 1009),
    ],
)
async def test_a_wrong_first_message_gets_its_close_code_and_no_call(
    door: WsDoor, log: MemoryLog, first: str, code: int
) -> None:
    async with source(door) as ws:
        await ws.send(first)
        assert await closed_with(ws) == code
    assert await log.end("calls") == 0


async def test_text_that_is_no_utf8_is_1007_and_too_big_is_1009_both_counted(log: MemoryLog) -> None:
    async with door_on(log) as door:
        for message, code in ((b"\xff\xfe{}", 1007), (b"{" * 70_000, 1009)):
            async with source(door) as ws:
                await ws.send(message, text=True)
                assert await closed_with(ws) == code
    assert door.stats().refusals == {"bad_text": 1, "too_big": 1}


async def test_a_source_that_only_sends_audio_is_closed_in_time(log: MemoryLog) -> None:
    async with door_on(log, HASTY) as door, source(door) as ws:
        with pytest.raises(ConnectionClosed) as closed:
            while True:
                await ws.send(bytes(320))
                await asyncio.sleep(0.02)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1008
    assert await log.end("audio") == 0


async def test_a_dropped_line_is_lost_after_the_grace_time_and_ends_once(door: WsDoor, log: MemoryLog) -> None:
    async with source(door) as ws:
        await ws.send(start_message())
        await ws.send(bytes(320))
        await bodies(log, NoticeGiven)
        ws.transport.abort()
    found = await bodies(log, CallEnded)
    assert [body.reason for body in found if isinstance(body, CallEnded)] == ["lost"]
    assert found[-1].samples == {"caller": 160, "agent": 160}
    assert await audio(log) == {"caller": bytes(160), "agent": bytes(160)}


async def test_a_second_source_gets_4409_and_the_first_goes_on(log: MemoryLog) -> None:
    async with door_on(log, Limits()) as door, source(door) as first, source(door) as second:
        await first.send(start_message())
        await first.send(bytes(320))
        await bodies(log, NoticeGiven)
        await second.send(start_message())
        assert await closed_with(second) == 4409
        await first.send(bytes(320))
        await first.send('{"type":"stop"}')
        found = await bodies(log, CallEnded)
    assert found[-1].samples["caller"] == 320
    assert [type(body) for body in found] == [CallStarted, NoticeGiven, CallEnded]


async def test_a_second_source_takes_over_from_a_silent_first(door: WsDoor, log: MemoryLog) -> None:
    async with source(door) as first, source(door) as second:
        await first.send(start_message())
        await first.send(b"\x01" * 320)
        await bodies(log, NoticeGiven)
        await asyncio.sleep(0.25)  # longer than takeover_s
        await second.send(start_message())
        assert await closed_with(first) == 4409
        await second.send(b"\x02" * 320)
        await second.send('{"type":"stop"}')
        found = await bodies(log, CallEnded)
    assert (await audio(log))["caller"] == b"\x01" * 160 + b"\x02" * 160
    gaps = [body for body in found if isinstance(body, GapFound)]
    assert {gap.cause for gap in gaps} == {"lost"}
    assert sum(isinstance(body, CallStarted) for body in found) == 1
    assert found[-1].gaps["caller"] == gaps[0].samples > 0


async def test_a_call_that_ended_stays_ended(door: WsDoor, log: MemoryLog) -> None:
    for code in (1000, 4409):
        async with source(door) as ws:
            await ws.send(start_message())
            await ws.send('{"type":"stop"}')
            assert await closed_with(ws) == code
    assert len(await bodies(log)) == 3


async def test_another_call_notices_nothing_of_a_bad_one(door: WsDoor, log: MemoryLog) -> None:
    async with source(door) as good, source(door) as bad:
        await good.send(start_message(call="good"))
        await bad.send(start_message(call="bad"))
        for _ in range(12):
            await good.send(bytes(320))
            await bad.send(bytes(319))
        assert await closed_with(bad) == 1007
        await good.send('{"type":"stop"}')
        assert await closed_with(good) == 1000
    ends = {decode(r.value).call: decode(r.value).body for r in await log.read("calls", 0)}
    good_end = next(body for body in ends.values() if isinstance(body, CallEnded) and body.reason == "stopped")
    assert good_end.samples == {"caller": 1920, "agent": 1920}
    assert good_end.gaps == {"caller": 0, "agent": 0}


class FullLog(MemoryLog):
    """A log whose disk is full while told so, for audio or for everything."""

    full: str = ""

    async def append_many(self, topic: str, records: Any) -> list[int]:
        if self.full in (topic, "all"):
            raise LogFull("disk full")
        return await super().append_many(topic, records)


async def test_a_full_log_closes_the_live_call_with_1013_alarms_and_lists_what_it_dropped() -> None:
    log, alarms = FullLog(), list[str]()
    async with door_on(log, alarm=alarms.append) as door, source(door) as ws:
        await ws.send(start_message())
        await ws.send(bytes(1600))
        await bodies(log, NoticeGiven)
        while await log.end("audio") < 2:
            await log.wait("audio", 1)
        log.full = "audio"
        await ws.send(bytes(1600))
        assert await closed_with(ws) == 1013
        assert alarms == ["log_full"]
        with pytest.raises(InvalidStatus) as refused:
            async with source(door):
                pass
        assert refused.value.response.status_code == 503
        found = await bodies(log, CallEnded)
    gaps = [(g.leg, g.sample_pos, g.samples, g.cause) for g in found if isinstance(g, GapFound)]
    assert gaps == [("caller", 800, 800, "overflow"), ("agent", 800, 800, "overflow")]
    assert found[-1] == CallEnded(
        reason="lost", samples={"caller": 800, "agent": 800}, gaps={"caller": 800, "agent": 800}
    )


async def test_a_call_whose_start_the_log_does_not_take_is_no_call() -> None:
    log = FullLog()
    log.full = "all"
    async with door_on(log) as door:
        async with source(door) as ws:
            await ws.send(start_message())
            assert await closed_with(ws) == 1013
        log.full = ""
        assert door.stats().live == 0
        assert door.stats().refusals == {"log_full": 1}
    assert await log.end("calls") == 0


async def test_what_a_full_log_did_not_take_of_a_call_s_story_is_written_when_it_takes_again() -> None:
    log = FullLog()
    async with door_on(log) as door:
        async with source(door) as ws:
            await ws.send(start_message())
            await bodies(log, NoticeGiven)
            log.full = "all"
            await ws.send(bytes(1600))
            await ws.send('{"type":"stop"}')
            assert await closed_with(ws) == 1013
        log.full = ""
        found = await bodies(log, CallEnded)
    assert [type(body) for body in found] == [CallStarted, NoticeGiven, GapFound, GapFound, CallEnded]
    assert found[-1].gaps == {"caller": 800, "agent": 800}


async def test_a_log_that_falters_for_a_moment_costs_nothing() -> None:
    log = FullLog()
    async with door_on(log, Limits(patience_s=10.0)) as door, source(door) as ws:
        await ws.send(start_message())
        await bodies(log, NoticeGiven)
        log.full = "all"
        await ws.send(bytes(1600))
        await asyncio.sleep(0.1)
        log.full = ""
        await ws.send('{"type":"stop"}')
        assert await closed_with(ws) == 1000
    assert (await bodies(log))[-1].samples == {"caller": 800, "agent": 800}


async def test_closing_the_door_says_1001_keeps_what_came_and_leaves_the_call_to_the_next_life(
    log: MemoryLog,
) -> None:
    async with door_on(log) as door:
        ws = await source(door)
        await ws.send(start_message())
        await ws.send(b"\x01" * 320)
        await bodies(log, NoticeGiven)
        await (await ws.ping())  # the door has read everything before
    assert await closed_with(ws) == 1001
    assert not any(isinstance(body, CallEnded) for body in await bodies(log))
    async with door_on(log, Limits(grace_s=5.0)) as door, source(door) as ws:
        await ws.send(start_message())
        await ws.send(b"\x02" * 320)
        await ws.send('{"type":"stop"}')
        assert await closed_with(ws) == 1000
    found = await bodies(log)
    assert [type(b) for b in found if not isinstance(b, GapFound)] == [CallStarted, NoticeGiven, CallEnded]
    assert (await audio(log))["caller"] == b"\x01" * 160 + b"\x02" * 160
    assert found[-1].samples == {"caller": 320, "agent": 320}


async def test_a_door_that_drains_lets_calls_end_and_takes_no_new_ones(log: MemoryLog) -> None:
    door = WsDoor(LoggedCalls(log), SWITCHES, tenant="yunlan", limits=QUICK)
    await door.start()
    async with source(door) as ws:
        await ws.send(start_message())
        await bodies(log, NoticeGiven)
        closing = asyncio.create_task(door.close(drain_s=10.0))
        await asyncio.sleep(0)
        with pytest.raises(InvalidStatus) as refused:
            async with source(door):
                pass
        assert refused.value.response.status_code == 503
        await ws.send('{"type":"stop"}')
        assert await closed_with(ws) == 1000
    await closing
    assert (await bodies(log))[-1].reason == "stopped"


async def test_calls_nobody_comes_back_for_after_a_restart_end_as_lost_and_are_not_looked_for_again(
    log: MemoryLog,
) -> None:
    async with door_on(log) as door:
        ws = await source(door)
        await ws.send(start_message())
        await bodies(log, NoticeGiven)
    await closed_with(ws)
    async with door_on(log):
        assert (await bodies(log, CallEnded))[-1].reason == "lost"
    mark = await log.committed("door.ws", "calls")
    assert mark == await log.end("calls")


@pytest.mark.g06
async def test_what_the_door_logs_holds_nothing_of_caller_or_call(log: MemoryLog) -> None:
    with capture_logs() as lines:
        async with door_on(log) as door:
            for message in (
                start_message(codec="OPUS", ani="13912345678"),
                start_message(ani=["13912345678"]),
                "我的电话是13912345678",
                '{"type":"start","call":"13912345678","legs":["caller"],"codec":"L16","rate":8000}',
            ):
                async with source(door) as ws:
                    await ws.send(message)
                    await ws.send("电话13912345678")
                    await closed_with(ws)
            with pytest.raises(InvalidStatus):
                async with source(door, "13912345678-13912345678"):
                    pass
    assert len(lines) == 5
    assert "13912345678" not in str(lines)
    assert TOKEN not in str(lines)


async def test_health_is_told_without_a_token(door: WsDoor) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    writer.write(
        b"GET /healthz HTTP/1.1\r\nHost: door\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    writer.close()


async def test_a_connection_that_says_nothing_is_closed_in_time(log: MemoryLog) -> None:
    async with door_on(log, HASTY) as door:
        with socket.create_connection(("127.0.0.1", door.port)) as raw:
            raw.setblocking(False)
            loop = asyncio.get_running_loop()
            async with asyncio.timeout(10):
                while await loop.sock_recv(raw, 4096):
                    pass  # closed by the door in the end
        assert door.stats().sources == 0
        async with source(door) as ws:
            assert await closed_with(ws) == 1008


KILLED = textwrap.dedent(
    """
    import asyncio, sys
    from pipeline.ingest.logged_calls import LoggedCalls
    from pipeline.ingest.start import Switch
    from pipeline.ingest.ws_door import WsDoor
    from pipeline.log.sqlite import SqliteLog

    async def main():
        door = WsDoor(LoggedCalls(SqliteLog(sys.argv[1])), [Switch(name="fs1", token=sys.argv[2])], tenant="yunlan")
        await door.start()
        print(door.url, flush=True)
        await asyncio.Event().wait()

    asyncio.run(main())
    """
)


@pytest.fixture
def doomed_door(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A door in a process of its own; its address."""
    child = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path), TOKEN],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
    )
    assert child.stdout is not None
    yield child, child.stdout.readline().strip()
    child.kill()
    child.wait()
    child.stdout.close()


async def test_after_kill_9_of_the_door_a_call_goes_on_and_every_sample_is_a_frame_or_a_gap(
    tmp_path: Path, doomed_door: tuple[subprocess.Popen[str], str]
) -> None:
    child, url = doomed_door
    with pytest.raises(ConnectionClosed):
        async with connect(url, additional_headers={"Authorization": f"Bearer {TOKEN}"}, proxy=None) as ws:
            await ws.send(start_message())
            for n in range(10_000):
                await ws.send(bytes([n % 256]) * 320)
                if n == 40:
                    os.kill(child.pid, signal.SIGKILL)
                await asyncio.sleep(0.001)
    child.wait()
    log = SqliteLog(tmp_path)
    before = await audio(log)
    assert len(before["caller"]) >= 800
    async with door_on(log, Limits(grace_s=30.0)) as door:
        assert door.stats().live == 1
        async with source(door) as ws:
            await ws.send(start_message())
            await ws.send(b"\xaa" * 1600)
            await ws.send('{"type":"stop"}')
            assert await closed_with(ws) == 1000
    found = await bodies(log)
    assert [type(b) for b in found if not isinstance(b, GapFound)] == [CallStarted, NoticeGiven, CallEnded]
    assert (await audio(log))["caller"] == before["caller"] + b"\xaa" * 800
    for leg in ("caller", "agent"):
        records = await log.read_key("audio", f"{call_id('ws', 'src-1')}/{leg}")
        frames = [frame_from(r.key, r.head, r.value) for r in records]
        assert [f.seq for f in frames] == list(range(1, len(frames) + 1))
        pieces = [(f.sample_pos, f.samples) for f in frames]
        pieces += [(g.sample_pos, g.samples) for g in found if isinstance(g, GapFound) and g.leg == leg]
        position = 0
        for begin, samples in sorted(pieces):
            assert begin == position
            position += samples
        assert found[-1].samples[leg] + found[-1].gaps[leg] == position
    await log.close()


class SlowCalls(LoggedCalls):
    """Knows a call's past only when let."""

    def __init__(self, log: Log) -> None:
        super().__init__(log)
        self.asked, self.may_answer = asyncio.Event(), asyncio.Event()

    async def past(self, call: str) -> Past:
        self.asked.set()
        await self.may_answer.wait()
        return await super().past(call)


async def test_what_a_source_says_while_its_call_is_looked_up_counts_from_when_it_came(log: MemoryLog) -> None:
    calls = SlowCalls(log)
    async with WsDoor(calls, SWITCHES, tenant="yunlan", limits=QUICK) as door, source(door) as ws:
        await ws.send(start_message())
        for n in range(20):
            await ws.send(bytes([n]) * 320)
        await ws.send('{"type":"stop"}')
        await calls.asked.wait()
        async with asyncio.timeout(10):
            while True:
                if sum(len(session.early) for session in door._sources) == 21:
                    break
                await asyncio.sleep(0.01)
        before = time.monotonic_ns()
        calls.may_answer.set()
        assert await closed_with(ws) == 1000
    frames = [
        frame_from(r.key, r.head, r.value) for r in await log.read_key("audio", f"{call_id('ws', 'src-1')}/caller")
    ]
    assert b"".join(frame.data for frame in frames) == b"".join(bytes([n]) * 160 for n in range(20))
    assert all(frame.recv_mono < before for frame in frames)
