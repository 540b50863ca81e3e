"""Which of the due windows of all legs the model reads next. Pure: time comes in as an argument."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Literal

import msgspec

from pipeline.asr.options import BatchOptions
from pipeline.asr.readings import Window

Rank = Literal[0, 1, 2, 3]  # final, second reading of a final, likely final, partial
FINAL: Rank = 0
CAREFUL: Rank = 1
LIKELY: Rank = 2
PARTIAL: Rank = 3

_LEARN = 0.3  # weight of the newest batch in the measured speed
_LOOK_BACK_S = 4.0  # over which the engine counts as busy or not
_CLOSE = 1.6  # longest over shortest window of a batch of partials


class Request(msgspec.Struct, kw_only=True, eq=False):
    """A window that waits for its reading."""

    window: Window
    rank: Rank
    due: float  # monotonic seconds
    strikes: int = 0  # engines that died over it


class Speed:
    """Measured computing time per second of padded sound, and how busy the engine is; what admission is decided on."""

    def __init__(self, first_guess: float = 0.1) -> None:
        self.cost = first_guess  # s of computing per s of sound
        self.busy = 0.0  # share of the last seconds spent computing
        self._last = 0.0  # monotonic seconds up to which that is known

    def expected(self, padded_s: float) -> float:
        """Computing time of a batch, seconds."""
        return self.cost * padded_s

    def learn(self, padded_s: float, took_s: float) -> None:
        """Takes the measure of a batch."""
        if padded_s > 0:
            self.cost += _LEARN * (took_s / padded_s - self.cost)

    def worked(self, took_s: float, now: float) -> None:
        """A batch that took so long ended now (monotonic seconds)."""
        passed = max(took_s, now - self._last)
        self._last = now
        if passed > 0:
            self.busy += (1 - math.exp(-passed / _LOOK_BACK_S)) * (took_s / passed - self.busy)


def pick(
    waiting: Iterable[Request], padded: Callable[[Window], int], options: BatchOptions, most_rows: int, speed: Speed
) -> list[Request]:
    """The next batch; empty when nothing waits. `padded` tells the mel frames a window is read in.

    Finals first, oldest first; they and likely finals are batched only with windows of their own padded length, so that
    their reading never depends on the company. Partials fill what one budget of computing time holds; what is too
    dear to read ahead is left to its final. A window an engine died over is tried alone.
    """

    most_s = options.partial_busy_s if speed.busy >= options.busy_share else options.partial_most_s

    def is_dear(request: Request) -> bool:
        limit = {LIKELY: 2 * most_s, PARTIAL: most_s}.get(request.rank)
        return limit is not None and speed.expected(padded(request.window) / 100) > limit

    queue = sorted((r for r in waiting if not is_dear(r)), key=lambda request: (request.rank, request.due))
    if not queue:
        return []
    lead = queue[0]
    if lead.strikes:
        return [lead]
    mine = padded(lead.window)
    if lead.rank == CAREFUL:
        return [r for r in queue if r.rank == CAREFUL and not r.strikes and padded(r.window) == mine][:most_rows]
    if lead.rank in (FINAL, LIKELY):
        alike = (r for r in queue if r.rank in (FINAL, LIKELY) and not r.strikes and padded(r.window) == mine)
        return list(alike)[:most_rows]
    return _partials([r for r in queue if not r.strikes], padded, options, most_rows, speed)


def _partials(
    queue: list[Request], padded: Callable[[Window], int], options: BatchOptions, most_rows: int, speed: Speed
) -> list[Request]:
    """The oldest partial and others of about its length, as far as the budget goes."""
    batch = queue[:1]
    shortest = longest = padded(queue[0].window)
    for request in queue[1:]:
        frames = padded(request.window)
        low, high = min(shortest, frames), max(longest, frames)
        cost = speed.expected((len(batch) + 1) * high / 100)
        if len(batch) < most_rows and high <= _CLOSE * low and cost <= options.partial_budget_s:
            batch.append(request)
            shortest, longest = low, high
    return batch
