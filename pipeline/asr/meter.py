"""Where the ear's figures go: a port; the names are schemas.metrics'."""

from __future__ import annotations

from typing import Protocol

from schemas.metrics import MetricName


class Meter(Protocol):
    """Takes figures. Never raises, never blocks."""

    def count(self, name: MetricName, value: float = 1.0, **labels: str) -> None:
        """Adds to a counter."""

    def gauge(self, name: MetricName, value: float, **labels: str) -> None:
        """Sets a level."""

    def observe(self, name: MetricName, value: float, **labels: str) -> None:
        """Adds one measurement to a distribution."""


class NoMeter:
    """Takes figures nowhere."""

    def count(self, name: MetricName, value: float = 1.0, **labels: str) -> None:
        pass

    def gauge(self, name: MetricName, value: float, **labels: str) -> None:
        pass

    def observe(self, name: MetricName, value: float, **labels: str) -> None:
        pass
