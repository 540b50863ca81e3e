"""Cuts a leg into utterances: speech probabilities in, opened, paused, closed segments out. Pure, without a clock."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from pipeline.asr.options import SegmentOptions
from pipeline.asr.vad import FRAME

RATE = 16_000  # Hz of all positions here
_MARGIN_S = 0.3  # the newest sound of a segment that is too long is never where it is cut


class Opened(msgspec.Struct, frozen=True):
    """Speech has begun."""

    start: int  # samples since stream start, look-back included


class Paused(msgspec.Struct, frozen=True):
    """Silence that may be the end: if it is, the segment will be exactly this."""

    start: int
    end: int


class Closed(msgspec.Struct, frozen=True):
    """A segment is complete."""

    start: int
    end: int
    speech_s: float  # time judged to be speech
    certainty: float  # mean speech probability over that time
    cut: bool = False  # it was too long: speech goes on in the next segment


Change = Opened | Paused | Closed


class _Open(msgspec.Struct):
    start: int  # samples
    first: int  # frame of the onset
    last_speech: int  # frame after the last one with speech
    paused: bool = False
    probabilities: list[float] = []  # one per frame since `first`


class Segmenter:
    """One stream's segments. Promise: they are disjoint and rising, and depend on the probabilities alone."""

    def __init__(self, options: SegmentOptions) -> None:
        self._o = options
        self._frame = 0  # frames judged so far
        self._floor = 0  # end of the last segment, samples
        self._voiced = 0  # speech frames since a possible onset
        self._onset: list[float] = []  # probabilities since then
        self._open: _Open | None = None

    @property
    def open_start(self) -> int | None:
        """Where the open segment begins, samples; None between segments."""
        return None if self._open is None else self._open.start

    @property
    def position(self) -> int:
        """Samples judged so far."""
        return self._frame * FRAME

    @property
    def earliest(self) -> int:
        """First sample any later change can still refer to."""
        if self._open is not None:
            return self._open.start
        return max(self._floor, self.position - len(self._onset) * FRAME - self._samples(self._o.look_back_s))

    def push(self, probability: float) -> list[Change]:
        """Judges one more frame."""
        self._frame += 1
        return self._listen(probability) if self._open is None else self._follow(self._open, probability)

    def flush(self) -> Closed | None:
        """The stream ends here: closes what is open. The segmenter listens on afterwards."""
        open_, self._voiced, self._onset = self._open, 0, []
        return None if open_ is None else self._close(open_, self._end(open_))

    def snapshot(self) -> Any:
        """State as plain values, for `restore`."""
        return [self._frame, self._floor, self._voiced, self._onset, msgspec.to_builtins(self._open)]

    def restore(self, state: Any) -> None:
        """Goes on where `snapshot` was taken."""
        self._frame, self._floor, self._voiced = state[0], state[1], state[2]
        self._onset = list(state[3])
        self._open = None if state[4] is None else msgspec.convert(state[4], _Open)

    def _listen(self, probability: float) -> list[Change]:
        if probability >= self._o.onset:
            self._voiced += 1
        elif probability < self._o.quiet:
            self._voiced, self._onset = 0, []
            return []
        elif not self._voiced:
            return []
        self._onset.append(probability)
        if self._voiced < max(1, round(self._o.least_speech_s * RATE / FRAME)):
            return []
        first = self._frame - len(self._onset)
        start = max(self._floor, first * FRAME - self._samples(self._o.look_back_s), 0)
        self._open = _Open(start, first, self._frame, probabilities=self._onset)
        self._voiced, self._onset = 0, []
        return [Opened(start)]

    def _follow(self, open_: _Open, probability: float) -> list[Change]:
        open_.probabilities.append(probability)
        if probability >= self._o.quiet:
            open_.last_speech, open_.paused = self._frame, False
            return self._cut(open_) if self._length(open_) >= self._samples(self._o.longest_s) else []
        quiet = (self._frame - open_.last_speech) * FRAME
        limit = self._o.long_close_s if self._length(open_) >= self._samples(self._o.long_s) else self._o.close_s
        if quiet >= self._samples(limit):
            return [self._close(open_, self._end(open_))]
        if quiet >= self._samples(self._o.pause_s) and not open_.paused:
            open_.paused = True
            return [Paused(open_.start, self._end(open_))]
        return []

    def _length(self, open_: _Open) -> int:
        return self.position - open_.start

    def _end(self, open_: _Open) -> int:
        return min(open_.last_speech * FRAME + self._samples(self._o.tail_s), self.position)

    def _close(self, open_: _Open, end: int) -> Closed:
        heard = open_.probabilities[: open_.last_speech - open_.first]
        self._open, self._floor = None, end
        return self._closed(open_.start, end, heard, cut=False)

    def _cut(self, open_: _Open) -> list[Change]:
        """Ends a segment that is too long at its quietest late frame; speech after that opens the next one."""
        newest = self._frame - math.ceil(_MARGIN_S * RATE / FRAME)
        oldest = max(open_.first + 1, newest - int(self._o.cut_within_s * RATE / FRAME))
        levels = open_.probabilities

        def level(frame: int) -> float:
            near = levels[max(0, frame - 1 - open_.first) : frame + 2 - open_.first]
            return sum(near) / len(near)

        at = min(range(oldest, newest), key=lambda frame: (level(frame), -frame))
        split = at - open_.first
        end = at * FRAME + FRAME // 2
        closed = self._closed(open_.start, end, levels[:split], cut=True)
        self._floor = end
        self._open = _Open(end, at, open_.last_speech, probabilities=levels[split:])
        return [closed, Opened(end)]

    def _closed(self, start: int, end: int, probabilities: list[float], cut: bool) -> Closed:
        speech = [p for p in probabilities if p >= self._o.quiet]
        certainty = sum(speech) / len(speech) if speech else 0.0
        return Closed(start, end, round(len(speech) * FRAME / RATE, 3), round(certainty, 3), cut)

    @staticmethod
    def _samples(seconds: float) -> int:
        return int(seconds * RATE)
