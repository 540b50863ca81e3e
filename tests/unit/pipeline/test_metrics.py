"""Measurements: the closed set of names, and what Prometheus reads."""

from __future__ import annotations

import urllib.request

import pytest

from pipeline.metrics import Metrics
from tests.kafka.broker import free_port


def test_what_was_measured_can_be_scraped_until_it_is_stopped() -> None:
    metrics, port = Metrics(), free_port()
    metrics("hotline_stage_seconds", 0.02, stage="understanding")
    stop = metrics.serve("127.0.0.1", port)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        assert 'hotline_stage_seconds_count{stage="understanding"} 1.0' in answer.read().decode()
    stop()
    with pytest.raises(OSError):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10)


def test_a_port_that_is_taken_is_an_error() -> None:
    metrics, port = Metrics(), free_port()
    stop = metrics.serve("127.0.0.1", port)
    with pytest.raises(OSError):
        metrics.serve("127.0.0.1", port)
    stop()


def test_a_name_outside_the_set_is_an_error() -> None:
    with pytest.raises(KeyError):
        Metrics()("hotline_made_up_total", 1.0)  # type: ignore[arg-type]
