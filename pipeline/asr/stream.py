"""One leg, from frames to windows: codec, holes, sample rate, voice activity, segments. Cheap, without a clock."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from pipeline.asr.echo import Loudness
from pipeline.asr.options import EarOptions
from pipeline.asr.readings import RATE, Window
from pipeline.asr.segmenter import Closed, Opened, Paused, Segmenter
from pipeline.asr.vad import FRAME, VoiceActivity
from pipeline.audio.g711 import Pcm, decode
from pipeline.audio.resample import to_ear
from schemas.audio import Frame

_STATE_VERSION = 1


class BadFrame(ValueError):
    """A frame this leg can't hold; its samples become a hole."""


class Began(msgspec.Struct, frozen=True):
    """A segment has opened."""

    start: int  # samples at 16 kHz since leg start


class Due(msgspec.Struct, frozen=True):
    """An open segment is worth a reading."""

    window: Window
    likely_final: bool  # silence has begun: the final will most likely be this very window


class Ended(msgspec.Struct, frozen=True):
    """A segment has closed: its final is due."""

    window: Window
    first_sample: int  # at the leg's rate
    last_sample: int  # inclusive
    speech_s: float
    certainty: float  # mean speech probability


class Muted(msgspec.Struct, frozen=True):
    """An open segment was dropped because the assistant is off."""

    first_sample: int  # at the leg's rate
    last_sample: int


Effect = Began | Due | Ended | Muted


class _State(msgspec.Struct, array_like=True):
    version: int
    rate: int
    base: int
    next_sample: int
    resampler: bytes
    vad: bytes
    segmenter: list[Any]
    kept_from: int
    kept: bytes
    read_at: int
    loudness: bytes
    loudness_end: int


class LegStream:
    """One leg's hearing. Promise: any cut of the same audio into frames has the same effects, even across a restore."""

    def __init__(self, name: str, rate: int, options: EarOptions) -> None:
        self.name = name
        self.rate = rate  # Hz of the leg
        self._options = options
        self._step = RATE // rate  # ear samples per leg sample
        self._vad = VoiceActivity()
        self.loudness = Loudness()
        self._rebase(0)

    def _rebase(self, sample: int) -> None:
        """Everything begins anew at this leg sample."""
        self._base = sample * self._step  # where the segmenter's zero lies, samples at 16 kHz since leg start
        self.next_sample = sample  # leg sample the next frame should bring
        self._resampler = to_ear(self.rate)
        self._vad.reset()
        self._segmenter = Segmenter(self._options.segment)
        self._kept = bytearray()  # sound that later windows may need, 16 kHz
        self._kept_from = 0  # position of its first sample, from base
        self._read_at = 0  # position of the last window of the open segment, from base

    @property
    def is_idle(self) -> bool:
        """No segment is open: a cheap moment for a checkpoint."""
        return self._segmenter.open_start is None

    def push(self, frame: Frame) -> list[Effect]:
        """Hears one frame. A repeated frame has no effect; a hole is filled with silence. Raises BadFrame."""
        if frame.rate != self.rate:
            raise BadFrame(f"frame of {frame.rate} Hz in a leg of {self.rate} Hz")
        try:
            pcm = decode(frame.codec, frame.data)
        except ValueError as error:
            raise BadFrame(str(error)) from error
        effects: list[Effect] = []
        hole = frame.sample_pos - self.next_sample
        if hole < 0:
            pcm = pcm[-hole:]
        elif self.next_sample == self._base // self._step and not self._kept:
            self._rebase(frame.sample_pos)
        elif hole > self._options.long_gap_s * self.rate:
            effects += self.flush()
            self._rebase(frame.sample_pos)
        elif hole > 0:
            effects += self._hear(np.zeros(hole, np.int16))
        return effects + self._hear(pcm)

    def mute(self, frame: Frame) -> list[Effect]:
        """A frame that arrives while the assistant is off: passed over unheard; what was open is dropped."""
        start = self._segmenter.open_start
        effects: list[Effect] = []
        if start is not None:
            effects.append(Muted((self._base + start) // self._step, self.next_sample - 1))
        self._rebase(max(self.next_sample, frame.sample_pos + frame.samples))
        return effects

    def flush(self) -> list[Effect]:
        """The leg ends, or a long hole begins: what is open closes."""
        effects = self._judge(self._resampler.flush())
        heard = len(self._kept) // 2 + self._kept_from
        rest = (heard - self._segmenter.position) % FRAME
        if rest:
            effects += self._judge(np.zeros(FRAME - rest, np.int16))
        closed = self._segmenter.flush()
        if closed is not None:
            effects.append(self._ended(msgspec.structs.replace(closed, end=min(closed.end, heard))))
        return effects

    def _hear(self, pcm: Pcm) -> list[Effect]:
        self.next_sample += len(pcm)
        return self._judge(self._resampler.push(pcm))

    def _judge(self, pcm: Pcm) -> list[Effect]:
        self._kept += pcm.astype("<i2", copy=False).tobytes()
        have = self._kept_from + len(self._kept) // 2
        position = self._segmenter.position
        whole = (have - position) // FRAME * FRAME
        effects: list[Effect] = []
        frames = self._samples(position, position + whole)
        self.loudness.add(self._base + position, frames)
        for probability in self._vad.push(frames).tolist():
            effects += self._follow(probability)
        self._forget()
        return effects

    def _follow(self, probability: float) -> list[Effect]:
        effects: list[Effect] = []
        for change in self._segmenter.push(probability):
            match change:
                case Opened(onset):
                    self._read_at = onset
                    effects.append(Began(self._base + onset))
                case Paused(onset, end):
                    self._read_at = end
                    effects.append(Due(self._window(onset, end, final=False), likely_final=True))
                case Closed():
                    effects.append(self._ended(change))
        start, now = self._segmenter.open_start, self._segmenter.position
        if start is not None and self._is_due(start, now):
            self._read_at = now
            effects.append(Due(self._window(start, now, final=False), likely_final=False))
        return effects

    def _is_due(self, start: int, now: int) -> bool:
        options = self._options.partial
        pace = max(options.every_s * RATE, options.share * (now - start))
        return now - start >= options.first_s * RATE and now - self._read_at >= pace

    def _ended(self, closed: Closed) -> Ended:
        window = self._window(closed.start, closed.end, final=True)
        last = -(-window.end // self._step) - 1
        return Ended(window, window.start // self._step, last, closed.speech_s, closed.certainty)

    def _window(self, start: int, end: int, final: bool) -> Window:
        pcm = self._samples(start, end).tobytes()
        return Window(stream=self.name, start=self._base + start, end=self._base + end, pcm=pcm, final=final)

    def _samples(self, start: int, end: int) -> Pcm:
        low, high = 2 * (start - self._kept_from), 2 * (end - self._kept_from)
        return np.frombuffer(bytes(self._kept[low:high]), "<i2")

    def _forget(self) -> None:
        spare = self._segmenter.earliest - self._kept_from
        if spare > 0:
            del self._kept[: 2 * spare]
            self._kept_from += spare

    def snapshot(self) -> bytes:
        """All state, for `restored`."""
        return msgspec.msgpack.encode(
            _State(
                version=_STATE_VERSION,
                rate=self.rate,
                base=self._base,
                next_sample=self.next_sample,
                resampler=self._resampler.snapshot(),
                vad=self._vad.snapshot(),
                segmenter=self._segmenter.snapshot(),
                kept_from=self._kept_from,
                kept=bytes(self._kept),
                read_at=self._read_at,
                loudness=self.loudness.snapshot(),
                loudness_end=self.loudness.end,
            )
        )

    @classmethod
    def restored(cls, name: str, state: bytes, options: EarOptions) -> LegStream:
        """A leg that goes on where `snapshot` was taken. Raises ValueError on a snapshot of another version."""
        try:
            kept = msgspec.msgpack.decode(state, type=_State)
        except msgspec.DecodeError as error:
            raise ValueError(f"no snapshot of a leg: {error}") from error
        if kept.version != _STATE_VERSION:
            raise ValueError(f"snapshot of version {kept.version}, expected {_STATE_VERSION}")
        leg = cls(name, kept.rate, options)
        leg._base, leg.next_sample = kept.base, kept.next_sample
        leg._resampler = to_ear(kept.rate, kept.resampler)
        leg._vad.restore(kept.vad)
        leg._segmenter.restore(kept.segmenter)
        leg.loudness.restore(kept.loudness, kept.loudness_end)
        leg._kept, leg._kept_from, leg._read_at = bytearray(kept.kept), kept.kept_from, kept.read_at
        return leg
