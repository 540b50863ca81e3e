"""The figures of many ears in one process: levels are added up over the lanes, the rest passes."""

from __future__ import annotations

from pipeline.metrics import Metrics
from schemas.metrics import MetricName

_BY_AGES: MetricName = "hotline_log_oldest_unread_seconds"  # told by `LaneAges`, for all lanes at once


class LaneMeters:
    """Gives each lane a meter. Promise: a level shows all lanes held, not the one that spoke last."""

    def __init__(self, metrics: Metrics) -> None:
        self.metrics = metrics
        self._levels: dict[MetricName, dict[int, float]] = {}

    def of(self, lane: int) -> LaneMeter:
        """The meter of a lane's part."""
        return LaneMeter(self, lane)

    def drop(self, lane: int) -> None:
        """A lane has been given up: it counts no more."""
        for name, levels in self._levels.items():
            levels.pop(lane, None)
            self.metrics(name, sum(levels.values()))

    def level(self, name: MetricName, lane: int, value: float) -> None:
        """A lane's part of a level."""
        levels = self._levels.setdefault(name, {})
        levels[lane] = value
        self.metrics(name, sum(levels.values()))


class LaneMeter:
    """Keeps `Meter` for one lane."""

    def __init__(self, meters: LaneMeters, lane: int) -> None:
        self._meters, self._lane = meters, lane

    def count(self, name: MetricName, value: float = 1.0, **labels: str) -> None:
        self._meters.metrics.count(name, value, **labels)

    def gauge(self, name: MetricName, value: float, **labels: str) -> None:
        if name != _BY_AGES:
            self._meters.level(name, self._lane, value)

    def observe(self, name: MetricName, value: float, **labels: str) -> None:
        self._meters.metrics.observe(name, value, **labels)
