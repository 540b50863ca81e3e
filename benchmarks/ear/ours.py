"""Our ear under live load: paced frames into the log, the transcriber over its engine, moments of text out of it."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.ear.figures import spread, worst_client
from benchmarks.ear.material import RATE, Leg
from pipeline.asr.engine import Engine, ProcessEngine
from pipeline.asr.file import transcribe_files
from pipeline.asr.meter import NoMeter
from pipeline.asr.options import EarOptions
from pipeline.asr.transcriber import Transcriber
from pipeline.audio.g711 import encode_pcma
from pipeline.log.memory import MemoryLog
from schemas import Event
from schemas.audio import Frame, frame_head, frame_key
from schemas.calls import CallEnded, CallHeard, CallStarted, NoticeGiven, PartialHeard, UtteranceHeard
from schemas.codec import decode, encode
from schemas.metrics import MetricName
from schemas.topics import AUDIO, CALLS, PARTIALS

_FRAME = 800  # samples: 100 ms


class Meter(NoMeter):
    def __init__(self) -> None:
        self.seen: dict[str, list[float]] = defaultdict(list)

    def observe(self, name: MetricName, value: float, **labels: str) -> None:
        self.seen[name].append(value)


class _Live:
    """One run: when each leg's sound began, and when each text came."""

    def __init__(self) -> None:
        self.log = MemoryLog()
        self.started: dict[str, float] = {}  # call → unix seconds of its CallStarted
        self.begun: dict[str, float] = {}  # leg's key → monotonic seconds of its first sample
        self.lags: dict[str, list[tuple[float, float]]] = defaultdict(list)
        self.after_stop: list[float] = []  # acoustic end → final, seconds
        self.first: dict[str, float] = {}
        self.finals = 0
        self.heard = 0

    async def tell(self, call: str, body: Any, at: datetime) -> None:
        event = Event(id=f"{call}/{body.TYPE}", tenant="bench", call=call, cause=None, at=at, body=body)
        await self.log.append(CALLS, call, encode(event))

    async def play(self, call: str, legs: list[Leg], wait_s: float) -> None:
        await asyncio.sleep(wait_s)
        at = datetime.now(UTC)
        self.started[call] = at.timestamp()
        names = tuple(leg.name for leg in legs)
        await self.tell(call, CallStarted(door="b", switch="b", source=call, legs=names, codec="PCMA", rate=RATE), at)  # type: ignore[arg-type]
        await self.tell(call, NoticeGiven(), at)
        begun = time.monotonic()
        for leg in legs:
            self.begun[frame_key(call, leg.name)] = begun
        for start in range(0, len(legs[0].pcm), _FRAME):
            await asyncio.sleep(max(0.0, begun + (start + _FRAME) / RATE - time.monotonic()))
            for leg in legs:
                data = encode_pcma(leg.pcm[start : start + _FRAME])
                frame = Frame(
                    call=call,
                    leg=leg.name,
                    seq=start,
                    sample_pos=start,
                    codec="PCMA",
                    rate=RATE,
                    data=data,
                    recv_mono=0,
                )  # type: ignore[arg-type]
                await self.log.append(AUDIO, frame_key(call, leg.name), data, frame_head(frame))
        await self.tell(call, CallEnded(reason="stopped"), at)

    async def watch(self, topic: str, calls: int) -> None:
        read = 0
        while self.heard < calls:
            for record in await self.log.read(topic, read):
                read, now = record.offset, time.monotonic()
                event = decode(record.value)
                if isinstance(event.body, CallHeard):
                    self.heard += 1
                elif isinstance(event.body, UtteranceHeard | PartialHeard):
                    self._note(event, now)
            await asyncio.sleep(0.005)

    def _note(self, event: Event, now: float) -> None:
        body = event.body
        key = frame_key(event.call, body.leg)
        begun = self.begun[key]
        if isinstance(body, UtteranceHeard):
            self.finals += 1
            covered = body.end_s
            self.after_stop.append(now - begun - (body.end_s - 0.25))
        else:
            covered = event.at.timestamp() - self.started[event.call]
            self.first.setdefault(f"{key}/{body.segment}", now - begun - body.start_s)
        self.lags[key].append((now - begun, now - begun - covered))


async def live(folder: Path, legs: list[Leg], options: EarOptions) -> dict[str, Any]:
    """Plays all calls at once in real time; says how late text came."""
    run, meter, stop = _Live(), Meter(), asyncio.Event()
    engine = ProcessEngine(str(folder), options, meter)
    by_call: dict[str, list[Leg]] = defaultdict(list)
    for leg in legs:
        by_call[leg.call].append(leg)
    ear = asyncio.create_task(Transcriber(run.log, engine, options, meter=meter).run(stop))
    while not engine.is_up and not ear.done():  # noqa: ASYNC110 — the engine has no bell, and a benchmark needs none
        await asyncio.sleep(0.05)
    if ear.done():
        ear.result()
    watches = [asyncio.create_task(run.watch(topic, len(by_call))) for topic in (CALLS, PARTIALS)]
    plays = [run.play(call, mine, 0.37 * n) for n, (call, mine) in enumerate(by_call.items())]
    await asyncio.gather(*plays)
    await asyncio.gather(*watches)
    stop.set()
    await ear
    return {
        "calls": len(by_call),
        "streams": len(legs),
        "finals": run.finals,
        "final_after_decision_s": spread(meter.seen["hotline_ear_final_seconds"]),
        "final_after_acoustic_end_s": spread(run.after_stop),
        "first_partial_after_onset_s": spread(list(run.first.values())),
        "lag_s": spread([lag for points in run.lags.values() for _, lag in points]),
        "worst_client": worst_client(run.lags),
        "rows_per_batch": spread(meter.seen["hotline_ear_batch_rows"]),
        "wait_s": spread(meter.seen["hotline_ear_wait_seconds"]),
    }


async def offline(engine: Engine, paths: list[Path], options: EarOptions) -> dict[str, Any]:
    """Recordings as fast as it goes."""
    begun, characters = time.perf_counter(), 0
    async for segment in transcribe_files(paths, engine, options):
        characters += len(segment.text)
    return {"seconds": round(time.perf_counter() - begun, 3), "characters": characters}
