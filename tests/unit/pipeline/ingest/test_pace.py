"""A source without numbers, judged by the clock: delay, drift, loss, haste."""

from __future__ import annotations

import random

from pipeline.ingest.pace import Pace


def run(arrivals: list[tuple[float, float]]) -> list[float]:
    """(time, seconds of audio in the message) → losses found; positions move on by what is found lost."""
    pace, end, found = Pace(), 0.0, []
    for now, length in arrivals:
        end += length
        lost = pace.arrived(now, end - length, end)
        if lost:
            end += lost
            found.append(lost)
    return found


def steady(seconds: float, begin: float = 0.0, rate: float = 1.0) -> list[tuple[float, float]]:
    return [(begin + n * 0.02 / rate, 0.02) for n in range(1, round(seconds * 50) + 1)]


def test_a_steady_source_loses_nothing() -> None:
    assert run(steady(60)) == []


def test_jitter_is_no_loss() -> None:
    jitter = random.Random(5)
    assert run([(t + jitter.uniform(0, 0.15), length) for t, length in steady(60)]) == []


def test_a_stall_then_a_burst_is_delay_and_costs_nothing() -> None:
    arrivals = [(8.0 if 5.0 < t <= 8.0 else t, length) for t, length in steady(20)]
    assert run(arrivals) == []


def test_buffers_of_two_seconds_are_a_way_of_sending_not_a_loss() -> None:
    assert run([(2.0 * (1 + n // 100), 0.02) for n in range(6000)]) == []


def test_a_stall_without_its_audio_is_found_two_seconds_later() -> None:
    found = run(steady(5) + steady(10, begin=6.5))
    assert len(found) == 1
    assert abs(found[0] - 1.5) < 0.05


def test_a_clock_that_drifts_half_a_percent_is_a_clock() -> None:
    assert run(steady(600, rate=0.9951)) == []
    assert run(steady(600, rate=1.005)) == []


def test_a_source_that_drops_one_frame_in_twenty_is_found_out() -> None:
    kept = [message for n, message in enumerate(steady(60)) if n % 20]
    assert abs(sum(run(kept)) - 3.0) < 0.6


def test_a_fast_source_is_ahead_by_what_it_sent_too_early() -> None:
    pace = Pace()
    pace.arrived(0.0, 0.0, 0.02)
    assert abs(pace.ahead(0.0, 10.0) - 9.98) < 0.001
    assert abs(pace.ahead(4.0, 10.0) - 5.96) < 0.001


def test_a_clock_half_a_percent_fast_is_not_ahead_after_two_hours() -> None:
    pace = Pace()
    pace.arrived(0.0, 0.0, 0.02)
    assert pace.ahead(7200.0, 7200.0 * 1.005) < 0.1


def test_before_any_audio_nobody_is_ahead() -> None:
    assert Pace().ahead(0.0, 0.0) == 0.0
