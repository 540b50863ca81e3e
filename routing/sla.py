"""The SLA clock: when a ticket must be signed for, handed back and answered, by the city's calendar."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import msgspec

from routing.city.index import CityIndex
from schemas.catalogue import ClockStart, LimitUnit, SlaRule

CLOSE_OF_WORK = time(18, 0)  # city time at which a working day ends


UNIT_TEXT: dict[LimitUnit, str] = {"min": "分钟", "h": "小时", "d": "天", "wd": "个工作日"}
SAME_DAY: dict[LimitUnit, str] = {"d": "当日", "wd": "当个工作日"}


class NoLimit(ValueError):
    """The preset has no line for this ticket; `check_city` would have said so."""


class SlaDue(msgspec.Struct, frozen=True, kw_only=True):
    """The deadlines of one ticket, in UTC, and the line they come from."""

    sign_due: datetime
    return_due: datetime  # until then "not my duty" may be said
    reply_due: datetime
    contact_due: datetime | None  # until then the caller must have been phoned; None = no such duty
    rule_id: str
    preset: str
    clock_start: ClockStart  # the event whose time `start` must be
    text: str  # the limit in words, e.g. "5个工作日"


def due(index: CityIndex, kind: str, urgency: str, topic: str, start: datetime, preset: str = "") -> SlaDue:
    """Deadlines of a ticket whose clock starts at `start` (aware); without `preset` the one in force."""
    if start.tzinfo is None:
        raise ValueError(f"start must carry its time zone, got {start.isoformat()}")
    limits = index.sla_preset(preset)
    if limits is None:
        raise NoLimit(f"the pack has no SLA preset {preset or index.pack.manifest.sla_preset!r}")
    rule = choose(limits.rules, kind, urgency, topic)
    if rule is None:
        raise NoLimit(f"preset {limits.name} has no line for kind {kind}, urgency {urgency}, topic {topic or 'none'}")
    return SlaDue(
        sign_due=add(index, start, rule.sign_limit, "h"),
        return_due=add(index, start, rule.return_limit, "wd"),
        reply_due=add(index, start, rule.limit, rule.unit),
        contact_due=None if rule.contact_limit is None else add(index, start, rule.contact_limit, "min"),
        rule_id=rule.id,
        preset=limits.name,
        clock_start=rule.clock_start,
        text=text(rule),
    )


def text(rule: SlaRule) -> str:
    """The limit of a line in words, as shown beside the ticket."""
    return SAME_DAY.get(rule.unit, "立即") if not rule.limit else f"{rule.limit}{UNIT_TEXT[rule.unit]}"


def choose(rules: tuple[SlaRule, ...], kind: str, urgency: str, topic: str) -> SlaRule | None:
    """The most specific line that fits: one with a topic first, then one with an urgency, then one with a kind."""
    fits = [
        rule
        for rule in rules
        if rule.kind in (None, kind) and rule.urgency in (None, urgency) and rule.topic in (None, topic)
    ]
    return max(fits, key=lambda r: (r.topic is not None, r.urgency is not None, r.kind is not None), default=None)


def add(index: CityIndex, start: datetime, limit: int, unit: LimitUnit) -> datetime:
    """`start` plus a limit, in UTC.

    Minutes and hours run through. `d` is the same time of day that many days later in the city; 0 is its midnight.
    `wd` ends at the close of the n-th working day after the day of `start`; 0 is the close of that day itself, or of
    the next working day when it is none or work is over.
    """
    local = start.astimezone(index.zone)
    if unit == "min":
        return start.astimezone(UTC) + timedelta(minutes=limit)
    if unit == "h":
        return start.astimezone(UTC) + timedelta(hours=limit)
    if unit == "d":
        end = local + timedelta(days=limit) if limit else _at(index, local + timedelta(days=1), time(0, 0))
        return end.astimezone(UTC)
    day = local
    if not limit and not (index.is_workday(day.date()) and day.time() < CLOSE_OF_WORK):
        limit = 1
    for _ in range(limit):
        day += timedelta(days=1)
        while not index.is_workday(day.date()):
            day += timedelta(days=1)
    return _at(index, day, CLOSE_OF_WORK).astimezone(UTC)


def _at(index: CityIndex, day: datetime, clock: time) -> datetime:
    return datetime.combine(day.date(), clock, index.zone)
