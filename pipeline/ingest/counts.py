"""What a door counts, for metrics, for the health page and for whoever must act."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any, Protocol

import msgspec
import structlog

from pipeline.ingest.live_call import LiveCall
from pipeline.ingest.refusal import Reason
from schemas.metrics import MetricName


class Measure(Protocol):
    """Where measurements go."""

    def __call__(self, name: MetricName, value: float, **labels: str) -> None: ...


def measure_nothing(name: MetricName, value: float, **labels: str) -> None:
    """For doors nobody watches."""


class DoorStats(msgspec.Struct, frozen=True, kw_only=True):
    """A door at one moment."""

    live: int  # calls not ended
    sources: int  # connections
    begun: int  # calls, since the process began
    ended: int
    frames: int  # records accepted
    refusals: dict[str, int]  # by reason
    dropped: dict[str, int]  # messages, by why
    log_full: bool


class Counts:
    """Every refusal and every loss is counted once, by closed reasons, without a word of the call."""

    def __init__(self, door: str, measure: Measure, alarm: Callable[[str], None]) -> None:
        self.begun = 0
        self.ended = 0
        self.frames = 0
        self.refusals: Counter[str] = Counter()
        self.dropped: Counter[str] = Counter()
        self._refused_at: dict[str, float] = {}  # topic → when the log last took nothing of it, monotonic seconds
        self._door = door
        self._measure = measure
        self._alarm = alarm
        self._log: Any = structlog.get_logger("door")

    def refused(self, reason: Reason, detail: str, **where: str) -> None:
        self.refusals[reason] += 1
        self._measure("hotline_door_refusals_total", 1, door=self._door, reason=reason)
        self._log.warning("source refused", reason=reason, detail=detail, **where)

    def started(self) -> None:
        self.begun += 1
        self._measure("hotline_door_calls_total", 1, door=self._door)

    def taken(self, topic: str, frames: int, seconds: float) -> None:
        """The log took records, `frames` of them audio, in `seconds`."""
        self._refused_at.pop(topic, None)
        self._measure("hotline_log_append_seconds", seconds)
        if frames:
            self.frames += frames
            self._measure("hotline_door_frames_total", frames)

    def missed(self, cause: str, samples: int) -> None:
        self._measure("hotline_gap_samples_total", samples, cause=cause)

    def log_refused(self, call: LiveCall, topic: str, error: Exception, lost: int) -> None:
        """The log takes nothing of a topic: an alarm, once until it takes again."""
        if topic not in self._refused_at:
            self._alarm("log_full")
        self._refused_at[topic] = time.monotonic()
        self._log.error("log takes nothing", call_id=call.id, topic=topic, error=str(error), samples_lost=lost)

    @property
    def log_full(self) -> bool:
        return bool(self._refused_at)

    def log_refused_within(self, seconds: float) -> bool:
        return any(time.monotonic() - at < seconds for at in self._refused_at.values())

    def fault(self, where: str) -> None:
        """Something broke that should not: written down with its trace, and an alarm."""
        self._log.exception("door fault", where=where)
        self._alarm("door_fault")
