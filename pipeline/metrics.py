"""Measurements, by the closed set of names in schemas/metrics.py, in Prometheus form."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import get_args

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
    start_http_server,
)

from schemas.metrics import MetricName

SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.8, 1.0, 1.5, 3.0, 10.0, 30.0)
ROWS = (1, 2, 4, 8, 16, 32, 64)
LEVELS = {"hotline_log_oldest_unread_seconds", "hotline_silent_seconds"}  # seconds that are no distribution
BUCKETS: dict[str, tuple[float, ...]] = {"hotline_ear_batch_rows": ROWS}  # distributions of other things than seconds
LABELS: dict[str, tuple[str, ...]] = {
    "hotline_door_calls_total": ("door",),
    "hotline_door_calls_live": ("door",),
    "hotline_door_refusals_total": ("door", "reason"),
    "hotline_gap_samples_total": ("cause",),
    "hotline_log_oldest_unread_seconds": ("topic",),
    "hotline_ear_restarts_total": ("reason",),
    "hotline_stage_seconds": ("stage",),
    "hotline_dead_letters_total": ("stage", "reason"),
    "hotline_desk_push_seconds": ("kind",),
    "hotline_desk_slow_closes_total": (),
    "hotline_commands_total": ("type", "status"),
    "hotline_lanes_held": ("group", "topic"),
    "hotline_parts_down": ("group",),
}


class Metrics:
    """Takes measurements from every part of one process; a name or label outside the set is an error."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._series: dict[str, Counter | Gauge | Histogram] = {name: self._make(name) for name in get_args(MetricName)}
        self._turned: float | None = None
        silent = self._series["hotline_silent_seconds"]
        assert isinstance(silent, Gauge)
        # read when scraped, in the scraper's thread: a loop that hangs could not tell it any more
        silent.set_function(lambda: 0.0 if self._turned is None else time.monotonic() - self._turned)

    def _make(self, name: str) -> Counter | Gauge | Histogram:
        labels = LABELS.get(name, ())
        if name.endswith("_total"):
            return Counter(name, name, labels, registry=self._registry)
        if name in BUCKETS or (name.endswith("_seconds") and name not in LEVELS):
            return Histogram(name, name, labels, registry=self._registry, buckets=BUCKETS.get(name, SECONDS))
        return Gauge(name, name, labels, registry=self._registry)

    def __call__(self, name: MetricName, value: float, **labels: str) -> None:
        """Counters add `value`, histograms observe it, gauges take it. Labels the series does not have are dropped."""
        series = self._series[name]
        wanted = {label: labels.get(label, "") for label in LABELS.get(name, ())}
        target = series.labels(**wanted) if wanted else series
        if isinstance(target, Counter):
            target.inc(value)
        elif isinstance(target, Histogram):
            target.observe(value)
        else:
            target.set(value)

    def count(self, name: MetricName, value: float = 1.0, **labels: str) -> None:
        """Adds to a counter (the ear's port)."""
        self(name, value, **labels)

    gauge = observe = __call__

    def turned(self) -> None:
        """The process' loop has turned once more; see `pipeline/run/pulse.py`."""
        self._turned = time.monotonic()

    def text(self) -> bytes:
        """Everything measured so far, in Prometheus' text format."""
        return generate_latest(self._registry)

    def serve(self, host: str, port: int) -> Callable[[], None]:
        """Lets Prometheus scrape at http://host:port/metrics; returns the way to stop. Raises OSError: port taken."""
        server, thread = start_http_server(port, addr=host, registry=self._registry)

        def stop() -> None:
            server.shutdown()
            server.server_close()
            thread.join(5)

        return stop
