"""Hand-off, after a failed try: when the next one is due, and when a person is told instead. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 3600.0
GIVEN_UP_AFTER = timedelta(hours=24)  # since the first try


def next_try(now: datetime, first: datetime, tries: int, dice: float, asked_s: float = 0.0) -> datetime | None:
    """When to try again after the `tries`-th failure; None = no more. Exponential, with full jitter.

    `dice`: 0 ≤ d < 1. `asked_s`: the least the receiver asked for. The last try falls on the end of the time allowed.
    """
    end = first + GIVEN_UP_AFTER
    if now >= end:
        return None
    ceiling = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(tries - 1, 30))
    return min(end, now + timedelta(seconds=max(asked_s, dice * ceiling)))
