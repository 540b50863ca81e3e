"""Desk decisions, time: one written form of instants, and the calendar day of the city. Instants are arguments."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def iso(at: datetime) -> str:
    """UTC instant in the one fixed width that sorts as text, e.g. "2026-11-21T02:30:00.000Z"."""
    if at.tzinfo is None:
        raise ValueError(f"instant without a time zone: {at!r}")
    return at.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def local_day(at: datetime, zone: str) -> str:
    """Calendar day in the city, e.g. "2026-11-21"."""
    return at.astimezone(ZoneInfo(zone)).date().isoformat()


def local_minute(at: datetime, zone: str) -> str:
    """Minute in the city, as written for people, e.g. "2026-11-21 10:30"."""
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")
