"""A log with calls in it, and an ear over it, for the transcriber's tests."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from pipeline.asr.engine import Engine
from pipeline.asr.options import EarOptions
from pipeline.asr.transcriber import Transcriber
from pipeline.audio.g711 import encode as encode_audio
from pipeline.log.memory import MemoryLog
from schemas import Event
from schemas.audio import Frame, frame_head, frame_key
from schemas.calls import CallEnded, CallHeard, CallStarted, NoticeGiven, PartialHeard, UtteranceHeard
from schemas.codec import BadEvent, decode, encode
from schemas.topics import AUDIO, CALLS, PARTIALS

START = datetime(2026, 11, 21, 8, 0, 0, tzinfo=UTC)
CALL = "call-1"


class World:
    """Time stands still but for `pass_`."""

    def __init__(self) -> None:
        self.now = START.timestamp()
        self.log = MemoryLog(clock=lambda: self.now)
        self.events = 0

    def pass_(self, seconds: float) -> None:
        self.now += seconds

    async def tell(self, body: Any, call: str = CALL) -> Event:
        """The door says something about a call."""
        self.events += 1
        at = datetime.fromtimestamp(self.now, UTC)
        event = Event(id=f"door-{self.events}", tenant="yunlan", call=call, cause=None, at=at, body=body)
        await self.log.append(CALLS, call, encode(event))
        return event

    async def open(self, call: str = CALL, notice: bool = True) -> Event:
        event = await self.tell(
            CallStarted(door="ws", switch="s", source="1", legs=("caller", "agent"), codec="PCMA", rate=8000), call
        )
        if notice:
            await self.tell(NoticeGiven(), call)
        return event

    async def end(self, call: str = CALL) -> Event:
        return await self.tell(CallEnded(reason="stopped"), call)

    async def sound(
        self, pcm: np.ndarray, at: int = 0, leg: str = "caller", call: str = CALL, step: int = 1600
    ) -> None:
        for start in range(0, len(pcm), step):
            await self.frame(pcm[start : start + step], at + start, leg, call)

    async def live(self, ear: Transcriber, pcm: np.ndarray, step: int = 1600) -> None:
        """The same at the pace of speech: each frame is heard before the next one comes."""
        for start in range(0, len(pcm), step):
            await self.frame(pcm[start : start + step], start)
            end = await self.log.end(AUDIO)
            await self.until(lambda end=end: ear._audio_read >= end)

    async def frame(self, pcm: np.ndarray, at: int, leg: str = "caller", call: str = CALL) -> None:
        data = encode_audio("PCMA", pcm)
        frame = Frame(
            call=call,
            leg=leg,
            seq=at,
            sample_pos=at,
            codec="PCMA",
            rate=8000,
            data=data,
            recv_mono=0,  # type: ignore[arg-type]
        )
        await self.log.append(AUDIO, frame_key(call, leg), data, frame_head(frame))

    async def said(self, kind: type = object, topic: str = CALLS, call: str | None = None) -> list[Event]:
        """What the log holds of a kind of event."""
        events = []
        for record in await self.log.read(topic, 0, 100_000):
            with contextlib.suppress(BadEvent):
                events.append(decode(record.value))
        return [e for e in events if isinstance(e.body, kind) and call in (None, e.call)]

    async def texts(self, leg: str | None = None) -> list[str]:
        return [e.body.text for e in await self.said(UtteranceHeard) if leg in (None, e.body.leg)]

    async def partials(self) -> list[PartialHeard]:
        return [event.body for event in await self.said(PartialHeard, PARTIALS)]

    async def until(self, condition: Callable[[], Any], seconds: float = 60.0) -> None:
        """Lets the others work until a condition (or coroutine) holds."""
        async with asyncio.timeout(seconds):
            while True:
                held = condition()
                if asyncio.iscoroutine(held):
                    held = await held
                if held:
                    return
                await asyncio.sleep(0.002)

    async def heard(self, call: str = CALL) -> CallHeard:
        async def done() -> bool:
            return bool(await self.said(CallHeard, call=call))

        await self.until(done)
        return (await self.said(CallHeard, call=call))[-1].body

    def ear(self, engine: Engine, options: EarOptions | None = None, **more: Any) -> Transcriber:
        return Transcriber(self.log, engine, options, now=lambda: self.now, **more)

    @contextlib.asynccontextmanager
    async def listening(
        self, engine: Engine, options: EarOptions | None = None, **more: Any
    ) -> AsyncIterator[Transcriber]:
        """An ear at work; at the end it is stopped as in service."""
        ear, stop = self.ear(engine, options, **more), asyncio.Event()
        task = asyncio.create_task(ear.run(stop))
        try:
            yield ear
        finally:
            stop.set()
            await asyncio.wait_for(task, 60)


async def killed(ear: Transcriber, after: Callable[[], Any], world: World) -> None:
    """Runs an ear and ends it without any farewell once a condition holds."""
    task = asyncio.create_task(ear.run(asyncio.Event()))
    await world.until(after)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def later(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)
