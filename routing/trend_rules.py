"""Beside the calls, when tickets pile up (苗头): the settings of the watch and its words. Pure."""

from __future__ import annotations

import msgspec

from schemas.trends import Severity

HOUR_S = 3600.0
DAY_S = 86400.0
WINDOWS: dict[str, float] = {"2h": 2 * HOUR_S, "24h": 24 * HOUR_S, "7d": 7 * DAY_S}  # seconds
WINDOW_WORDS: dict[str, str] = {"2h": "2小时", "24h": "24小时", "7d": "7天"}
SEVERITIES: tuple[Severity, ...] = ("ordinary", "hot", "urgent")


class Threshold(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a window of one scope speaks up: enough distinct callers, and too many to be the usual."""

    window: str  # "2h" | "24h" | "7d"
    callers: int
    odds: float  # most that chance may have of it
    times: float  # at least so many times what is usual


class TrendRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Settings of the watch. The published rule (same class and place, at least 3 within 7 days) is `place` 7d.

    Every bound on memory stands here: what is over it is forgotten, least recent or smallest first.
    """

    place: tuple[Threshold, ...] = (
        Threshold("2h", 3, 1e-4, 3.0),
        Threshold("24h", 3, 1e-3, 2.5),
        Threshold("7d", 3, 0.01, 2.0),
    )
    street: tuple[Threshold, ...] = (
        Threshold("2h", 4, 1e-5, 4.0),
        Threshold("24h", 6, 1e-5, 3.0),
        Threshold("7d", 10, 1e-5, 2.5),
    )
    city: tuple[Threshold, ...] = (Threshold("2h", 12, 1e-6, 4.0), Threshold("24h", 25, 1e-6, 3.0))
    class_level: int = 2  # level of the taxonomy at which matters count as the same class
    mixed: float = 0.1  # times `odds`, where only the class is the same and not the finer category
    half_life_d: float = 28.0  # days after which a ticket counts half in what is usual
    quiet_h: float = 72.0  # hours without a window speaking up that end an episode
    widen_h: float = 24.0  # hours in which a second place of the street joins an episode instead of opening one
    hot_callers: int = 6
    urgent_callers: int = 12  # within 24 hours
    urgent_grave: int = 2  # tickets 特急 in one episode
    streets: int = 40  # of the city, about; what a street's share of a class starts from
    places: int = 12  # of a street, about
    max_windows: int = 20_000  # (class, street, place) watched at once
    max_seen: int = 64  # newest reports kept per window
    max_rates: int = 60_000  # long-run counts kept
    max_open: int = 2_000  # episodes at once
    max_tickets: int = 500  # kept per episode
