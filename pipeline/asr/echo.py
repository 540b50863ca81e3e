"""Crosstalk guard: one side's voice leaking faintly into the other side's leg must not become that side's words."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.asr.vad import FRAME

Levels = npt.NDArray[np.float32]  # dB of full scale, one per frame

QUIETEST = -90.0  # dB: what silence counts as
_KEPT = 1024  # frames of level a leg remembers: half a minute
_LATEST = 10  # frames an echo may lag behind: a third of a second
_UNDER_DB = 10.0  # an echo is at least this much softer than its source
_RANGE_DB = 25.0  # frames this far under the loudest are pauses
_MOST = 0.9  # share of its frames that must be under the source
_LEAST_FRAMES = 8
_ALIKE = 0.8  # correlation of the two courses of loudness; of short stretches more is asked


class Loudness:
    """The recent course of a leg's level. Positions are samples at 16 kHz since leg start."""

    def __init__(self) -> None:
        # (levels, position after the newest): one name, because one thread adds while another compares
        self._course: tuple[Levels, int] = (np.zeros(0, np.float32), 0)

    @property
    def end(self) -> int:
        """Position after the newest frame."""
        return self._course[1]

    def add(self, start: int, frames: npt.NDArray[np.int16]) -> None:
        """Takes whole frames that begin at `start`."""
        before, end = self._course
        if start != end:
            before = np.zeros(0, np.float32)
        wave = frames.reshape(-1, FRAME).astype(np.float32) / 32768.0
        power = np.square(wave).mean(axis=1)
        levels = 10 * np.log10(np.maximum(power, 10 ** (QUIETEST / 10)))
        kept = np.concatenate([before, levels.astype(np.float32)])[-_KEPT:]
        self._course = (kept, start + len(frames))

    def between(self, start: int, end: int) -> Levels:
        """Levels of the frames from `start` to `end`; what is no longer or not yet known counts as silence."""
        levels, newest = self._course
        first = newest - len(levels) * FRAME
        low, high = (start - first) // FRAME, -((first - end) // FRAME)
        known = levels[max(0, low) : max(0, high)]
        before, after = min(max(0, -low), high - low), max(0, high - max(low, len(levels)))
        return np.pad(known, (before, after), constant_values=QUIETEST)[: max(0, high - low)]

    def snapshot(self) -> bytes:
        """State, for `restore`."""
        return self._course[0].astype("<f4").tobytes()

    def restore(self, state: bytes, end: int) -> None:
        """Goes on where `snapshot` was taken."""
        self._course = (np.frombuffer(state, "<f4").astype(np.float32), end)


def is_echo(mine: Loudness, theirs: Loudness, start: int, end: int) -> bool:
    """Whether what one leg holds between two positions is the other leg's sound, softer and a little later."""
    own = mine.between(start, end)
    if len(own) < _LEAST_FRAMES:
        return False
    voiced = own > max(own.max() - _RANGE_DB, (own.max() + np.percentile(own, 10)) / 2)
    for lag in range(_LATEST + 1):
        source = theirs.between(start - lag * FRAME, end - lag * FRAME)[: len(own)]
        under = (source[voiced] - own[voiced]) >= _UNDER_DB
        if voiced.sum() >= _LEAST_FRAMES and under.mean() >= _MOST and _alike(own, source, int(voiced.sum())):
            return True
    return False


def _alike(own: Levels, source: Levels, voiced: int) -> bool:
    a, b = np.maximum(own, own.max() - _RANGE_DB), np.maximum(source, source.max() - _RANGE_DB)
    if a.std() < 0.5 or b.std() < 0.5:
        return False
    wanted = min(0.95, _ALIKE + 2.0 / voiced)
    return float(np.corrcoef(a, b)[0, 1]) >= wanted
