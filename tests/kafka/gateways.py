"""Gateways for the tests: sources that play into them, and what a house on Kafka holds of their calls."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from pipeline.ingest.switchboard import Limits
from pipeline.log.kafka import KafkaConnection, KafkaLane, lane_of
from pipeline.log.kafka_options import KafkaOptions
from pipeline.metrics import Metrics
from pipeline.run.gateway import Gateway
from pipeline.settings import Settings
from schemas.audio import Frame, Leg, frame_from
from schemas.calls import CallEnded
from schemas.codec import decode
from schemas.event import Event
from schemas.ids import call_id
from schemas.topics import AUDIO, CALLS

TOKEN = "a-token-of-the-switch"
ROOT = Path(__file__).resolve().parents[2]
LEGS: tuple[Leg, ...] = ("caller", "agent")
PATIENCE_S = 90.0  # bound of a wait by condition; a test that meets it fails
MESSAGE = 320  # bytes: 20 ms of two legs, 8 kHz A-law


def settings_in(folder: Path, **changes: Any) -> Settings:
    return Settings(**{"home": folder, "door_port": 0, "door_max_ahead_s": 0.0, "switches": f"fs1={TOKEN}", **changes})


@contextlib.asynccontextmanager
async def serving(
    folder: Path, options: KafkaOptions, limits: Limits | None = None, drain_s: float = 0.0, **changes: Any
) -> AsyncIterator[Gateway]:
    """A gateway in this process, open."""
    stop, port = asyncio.Event(), asyncio.get_running_loop().create_future()
    limits = limits or Limits(max_ahead_s=0.0)
    gateway = Gateway(settings_in(folder, **changes), options, Metrics(), tenant="yunlan", limits=limits)
    task = asyncio.create_task(gateway.run(stop, port.set_result, drain_s))
    await asyncio.wait({task, port}, return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        task.result()
    try:
        yield gateway
    finally:
        stop.set()
        await task


async def sent(*gateways: Gateway) -> None:
    """Returns when the brokers have all that these gateways took: a busy machine's answers may come by the spool."""
    await until(lambda: not any(gateway.outlet.pending for gateway in gateways), "the spool is sent")


def source(url: str) -> connect:
    return connect(url, additional_headers={"Authorization": f"Bearer {TOKEN}"}, proxy=None, ping_timeout=None)


def start(call: str, **changes: Any) -> str:
    fields = {"v": 1, "type": "start", "call": call, "codec": "PCMA", "rate": 8000, "legs": ["caller", "agent"]}
    return json.dumps({**fields, "notice": "played", **changes})


def sound(n: int) -> bytes:
    """The n-th message of a call: its bytes tell which it is, and the legs differ."""
    return b"".join(bytes([(n + k) % 128, 128 + (n + k) % 128]) for k in range(MESSAGE // 2))


async def speak(ws: ClientConnection, messages: range, pause_s: float = 0.0) -> None:
    for n in messages:
        await ws.send(sound(n))
        if pause_s:
            await asyncio.sleep(pause_s)


class Speaking:
    """A call spoken at the pace of the clock: what is due is sent, also after the machine was busy."""

    def __init__(self, ws: ClientConnection, first: int = 0) -> None:
        self._ws = ws
        self._first = self.next = first
        self._began = time.monotonic()

    @property
    def messages(self) -> range:
        """Those sent."""
        return range(self._first, self.next)

    async def __aenter__(self) -> Speaking:
        self._task = asyncio.create_task(self._speak())
        return self

    async def __aexit__(self, *error: object) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _speak(self) -> None:
        while True:
            due = self._first + int((time.monotonic() - self._began) / 0.02)
            while self.next < due:
                self.next += 1
                await self._ws.send(sound(self.next - 1))
            await asyncio.sleep(0.02)


class Kept:
    """What the log holds of one call."""

    def __init__(self, connection: KafkaConnection, source: str) -> None:
        self.call = call_id("ws", source)
        self._lane = KafkaLane(connection, lane_of(self.call))

    async def events(self) -> list[Event]:
        return [decode(r.value) for r in await self._lane.since(CALLS, 0, self.call)]

    async def bodies(self) -> list[Any]:
        return [event.body for event in await self.events()]

    async def frames(self, leg: str) -> list[Frame]:
        return [frame_from(r.key, r.head, r.value) for r in await self._lane.since(AUDIO, 0, f"{self.call}/{leg}")]

    async def sound(self, leg: str) -> bytes:
        return b"".join(frame.data for frame in await self.frames(leg))

    async def until_heard(self, messages: range) -> None:
        """Waits until these messages are kept."""
        deadline = time.monotonic() + PATIENCE_S
        while [await self.sound(leg) for leg in LEGS] != [said(messages, leg) for leg in LEGS]:
            assert time.monotonic() < deadline, f"not within {PATIENCE_S:.0f} s: {messages} in the log"
            await asyncio.sleep(0.1)

    async def until(self, ready: Callable[[list[Any]], bool], what: str) -> list[Any]:
        """Waits until the bodies are as wanted."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if ready(found := await self.bodies()):
                return found
            await asyncio.sleep(0.1)
        raise AssertionError(f"not within {PATIENCE_S:.0f} s: {what}; there is {found}")


def said(messages: range, leg: str) -> bytes:
    """What a leg holds when these messages arrived whole."""
    channel = 0 if leg == "caller" else 1
    return b"".join(sound(n)[channel::2] for n in messages)


def ended(bodies: list[object]) -> bool:
    return any(isinstance(body, CallEnded) for body in bodies)


async def assert_each_once(kept: Kept, messages: range) -> None:
    """Every sample of these messages is there, in order, in frames numbered without a hole."""
    for leg in LEGS:
        frames = await kept.frames(leg)
        assert [frame.seq for frame in frames] == list(range(1, len(frames) + 1))
        assert b"".join(frame.data for frame in frames) == said(messages, leg)


async def until(ready: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not ready():
        assert time.monotonic() < deadline, f"not within {PATIENCE_S:.0f} s: {what}"
        await asyncio.sleep(0.05)


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
