"""Recordings to text, outside any call: the same streams, segments, engine and guards as the live ear."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import msgspec

from pipeline.asr.agreement import Agreement
from pipeline.asr.engine import Engine
from pipeline.asr.finals import Final, final_of
from pipeline.asr.guards import guarded, looks_wrong
from pipeline.asr.options import EarOptions
from pipeline.asr.readings import RATE, Unreadable, Window
from pipeline.asr.stream import Began, Due, Effect, Ended, LegStream
from pipeline.audio.g711 import Pcm
from pipeline.audio.recording import Recording, blocks, inspect
from pipeline.audio.resample import Converter
from schemas.audio import Frame

_AHEAD = 64  # finals that may wait at once
_STEP_S = 0.1  # sound per step of a streamed recording, seconds


class Segment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of `hotline transcribe`."""

    file: str
    channel: int  # from 0
    start: float  # seconds
    end: float
    text: str
    partial: bool = False  # text of a segment still open
    stable: str = ""  # of a partial: what will not be taken back
    emitted: float | None = None  # streamed: seconds of sound heard when this was known, computing time left out


async def transcribe_files(
    paths: Sequence[Path], engine: Engine, options: EarOptions | None = None, *, stream: bool = False
) -> AsyncIterator[Segment]:
    """All segments of some recordings, file by file, in the order of the sound. Raises BadRecording at the start."""
    recordings = [inspect(path) for path in paths]
    for recording in recordings:
        heard = _streamed if stream else _batched
        async for segment in heard(recording, engine, options or EarOptions()):
            yield segment


class _Channel:
    """One channel of a recording, fed as a leg."""

    def __init__(self, recording: Recording, n: int, options: EarOptions) -> None:
        self.n = n
        self.leg_rate = recording.rate if recording.rate in (8_000, RATE) else RATE
        self.stream = LegStream(f"{recording.path}/{n}", self.leg_rate, options)
        self._convert = None if self.leg_rate == recording.rate else Converter(recording.rate, RATE)

    def push(self, pcm: Pcm) -> list[Effect]:
        return self._feed(pcm if self._convert is None else self._convert.push(pcm))

    def flush(self) -> list[Effect]:
        rest = [] if self._convert is None else self._feed(self._convert.flush())
        return rest + self.stream.flush()

    def _feed(self, pcm: Pcm) -> list[Effect]:
        return self.stream.push(
            Frame(
                call="",
                leg="mixed",
                seq=0,
                sample_pos=self.stream.next_sample,
                codec="L16",
                rate=self.leg_rate,
                data=pcm.astype("<i2", copy=False).tobytes(),
                recv_mono=0,
            )
        )

    def segment(self, recording: Recording, ended: Ended, text: str, emitted: float | None = None) -> Segment:
        return Segment(
            file=str(recording.path),
            channel=self.n,
            start=round(ended.first_sample / self.leg_rate, 3),
            end=round((ended.last_sample + 1) / self.leg_rate, 3),
            text=text,
            emitted=emitted,
        )


def _found(recording: Recording, channels: list[_Channel], seconds: float) -> Iterator[list[tuple[_Channel, Effect]]]:
    """What the channels' streams find, block by block."""
    for block in blocks(recording, seconds):
        yield [(channel, effect) for channel in channels for effect in channel.push(block[channel.n])]
    yield [(channel, effect) for channel in channels for effect in channel.flush()]


async def _batched(recording: Recording, engine: Engine, options: EarOptions) -> AsyncIterator[Segment]:
    """As fast as it goes: many finals wait at once, so that they share batches."""
    channels = [_Channel(recording, n, options) for n in range(recording.channels)]
    waiting: deque[tuple[_Channel, Ended, asyncio.Task[Final | None]]] = deque()
    steps = _found(recording, channels, 10.0)
    try:
        while (step := await asyncio.to_thread(next, steps, None)) is not None:
            ends = [(channel, effect) for channel, effect in step if isinstance(effect, Ended)]
            for channel, ended in sorted(ends, key=lambda pair: pair[1].window.end):
                first = engine.submit(ended.window)
                final = final_of(engine, ended, first, Agreement(), options.decode.worst_logprob)
                waiting.append((channel, ended, asyncio.create_task(final)))
            while len(waiting) > _AHEAD or (waiting and waiting[0][2].done()):
                if (segment := await _segment(recording, *waiting.popleft())) is not None:
                    yield segment
        while waiting:
            if (segment := await _segment(recording, *waiting.popleft())) is not None:
                yield segment
    finally:
        for _, _, task in waiting:
            task.cancel()


async def _segment(
    recording: Recording, channel: _Channel, ended: Ended, task: asyncio.Task[Final | None]
) -> Segment | None:
    try:
        final = await task
    except Unreadable:
        return None
    return channel.segment(recording, ended, final.text) if final is not None and final.text else None


async def _streamed(recording: Recording, engine: Engine, options: EarOptions) -> AsyncIterator[Segment]:
    """As a live call is heard by a machine that computes in no time: nothing is read before its sound is there."""
    channels = [_Channel(recording, n, options) for n in range(recording.channels)]
    shown = {channel.n: Agreement() for channel in channels}
    heard = 0.0
    for step in _found(recording, channels, _STEP_S):
        heard = min(heard + _STEP_S, recording.seconds)
        for channel, effect in step:
            match effect:
                case Began():
                    shown[channel.n] = Agreement()
                case Due(window):
                    if await _agrees(engine, window, shown[channel.n], options):
                        yield _partial(recording, channel, window, shown[channel.n], heard)
                case Ended(window):
                    first = engine.submit(window)
                    try:
                        final = await final_of(engine, effect, first, shown[channel.n], options.decode.worst_logprob)
                    except Unreadable:
                        continue
                    if final is not None and final.text:
                        yield channel.segment(recording, effect, final.text, round(heard, 3))


async def _agrees(engine: Engine, window: Window, shown: Agreement, options: EarOptions) -> bool:
    """Reads an open segment; says whether there is something new to show."""
    try:
        reading = await engine.submit(window)
    except Unreadable:
        return False
    if looks_wrong(reading, window.seconds, options.decode.worst_logprob):
        return False
    text = guarded(reading, window.seconds, certainty=1.0).text
    return bool(text) and shown.update(text)


def _partial(recording: Recording, channel: _Channel, window: Window, shown: Agreement, heard: float) -> Segment:
    return Segment(
        file=str(recording.path),
        channel=channel.n,
        start=round(window.start / RATE, 3),
        end=round(window.end / RATE, 3),
        text=shown.text,
        partial=True,
        stable=shown.stable,
        emitted=round(heard, 3),
    )
