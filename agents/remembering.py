"""Which lines of a very long call are still looked at: an hour of talk must not make every further word dearer."""

from __future__ import annotations

from agents.reading import Reading

MOST = 300  # lines looked at, some forty minutes of talk
FIRST, LAST = 60, 160  # of them the first and the newest, whatever they say


def remembered(readings: list[Reading]) -> list[Reading]:
    """All of them up to `MOST`; else the first, the newest, and of those between the newest that tell a fact."""
    if len(readings) <= MOST:
        return readings
    between = [reading for reading in readings[FIRST:-LAST] if _tells(reading)]
    return [*readings[:FIRST], *between[-(MOST - FIRST - LAST) :], *readings[-LAST:]]


def _tells(reading: Reading) -> bool:
    """A place, a number, a time, a sum or a danger."""
    return bool(reading.places or reading.runs or reading.times or reading.amounts or reading.triggers)
