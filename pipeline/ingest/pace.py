"""A source against real time. Sources without numbers can only be judged by the clock: delay, drift, loss, haste."""

from __future__ import annotations

DRIFT = 0.005  # seconds per second a source's clock may be off: recorded by nobody
LATE_S = 0.2  # seconds behind that are more than jitter
SETTLE_S = 2.0  # seconds a source has to catch up after a stall


class Pace:
    """A stall followed by a burst is delay and costs nothing; what is still missing 2 s later is lost for good.

    The source's own zero is the earliest any sample came, drifting as slowly as clocks do.
    """

    def __init__(self) -> None:
        self._zero: float | None = None  # arrival minus position of the timeliest sample, seconds
        self._begun = 0.0
        self._base = 0.0  # position at which the pace began, seconds
        self._last = 0.0
        self._late_since: float | None = None
        self._least_late = 0.0

    def arrived(self, now: float, begin: float, end: float) -> float:
        """Audio of positions begin…end (seconds) came at `now`; returns seconds found lost (0.0 = none)."""
        offset = now - end
        if self._zero is None:
            self._zero, self._begun, self._base = offset, now - (end - begin), begin
        else:
            self._zero = min(offset, self._zero + DRIFT * (now - self._last))
        self._last = now
        late = offset - self._zero
        if late <= LATE_S:
            self._late_since = None
            return 0.0
        if self._late_since is None:
            self._late_since, self._least_late = now, late
        self._least_late = min(self._least_late, late)
        if now - self._late_since < SETTLE_S:
            return 0.0
        self._late_since = None
        return self._least_late

    def ahead(self, now: float, end: float) -> float:
        """Seconds by which the source has run ahead of real time, clock drift forgiven."""
        if self._zero is None:
            return 0.0
        elapsed = now - self._begun
        return (end - self._base) - elapsed * (1 + DRIFT)
