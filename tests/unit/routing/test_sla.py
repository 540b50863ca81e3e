"""The SLA clock over nights, weekends, the Spring Festival and the National Day of 2026."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.city.index import CityIndex
from routing.city.load import city_dir, load_city
from routing.sla import NoLimit, add, due
from schemas.catalogue import LimitUnit

CITY = CityIndex(load_city(city_dir("yunlan")))
ZONE = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-11-16 09:00", 5, "2026-11-23 18:00"),  # over one weekend
        ("2026-11-16 23:50", 1, "2026-11-17 18:00"),  # the day of the start never counts
        ("2026-11-21 10:00", 1, "2026-11-23 18:00"),  # from a Saturday
        ("2026-02-13 10:00", 1, "2026-02-14 18:00"),  # Saturday worked in exchange
        ("2026-02-13 10:00", 2, "2026-02-24 18:00"),  # then nine days of Spring Festival
        ("2026-02-18 10:00", 5, "2026-02-28 18:00"),  # from within; ends on the worked Saturday
        ("2026-09-30 10:00", 5, "2026-10-13 18:00"),  # National Day, Saturday 10th worked, Sunday 11th not
        ("2026-09-18 10:00", 1, "2026-09-20 18:00"),  # Saturday free, Sunday worked in exchange
        ("2026-11-16 09:00", 0, "2026-11-16 18:00"),  # same day
        ("2026-11-16 18:00", 0, "2026-11-17 18:00"),  # work is over: the next working day
        ("2026-10-01 09:00", 0, "2026-10-08 18:00"),
    ],
)
def test_working_days_end_at_the_close_of_work(start: str, days: int, end: str):
    assert add(CITY, at(start), days, "wd") == at(end)


@pytest.mark.parametrize(
    ("start", "limit", "unit", "end"),
    [
        ("2026-02-16 23:30", 2, "h", "2026-02-17 01:30"),  # hours run through festival and night
        ("2026-02-16 23:50", 30, "min", "2026-02-17 00:20"),
        ("2026-02-14 11:11", 7, "d", "2026-02-21 11:11"),
        ("2026-02-14 11:11", 0, "d", "2026-02-15 00:00"),  # the same natural day
    ],
)
def test_natural_time_ignores_the_calendar(start: str, limit: int, unit: LimitUnit, end: str):
    assert add(CITY, at(start), limit, unit) == at(end)


def test_deadlines_of_an_ordinary_complaint():
    answer = due(CITY, "complaint", "normal", "", at("2026-09-30 16:00"), preset="shandong")
    assert answer.reply_due == at("2026-10-13 18:00")
    assert answer.return_due == at("2026-10-09 18:00")
    assert answer.sign_due == at("2026-10-01 00:00")
    assert (answer.rule_id, answer.preset, answer.text) == ("sd-general", "shandong", "5个工作日")
    assert answer.contact_due is None and answer.clock_start == "dispatched"
    assert answer.reply_due.tzinfo is UTC


def test_danger_to_life_beats_the_slower_limit_of_its_topic():
    start = at("2026-02-17 02:00")
    assert due(CITY, "help", "critical", "gas", start, preset="beijing").text == "2小时"
    assert due(CITY, "help", "normal", "gas", start, preset="beijing").text == "24小时"
    assert due(CITY, "help", "normal", "", start, preset="beijing").text == "7天"


def test_the_strict_preset_wants_the_caller_phoned_in_half_an_hour():
    answer = due(CITY, "help", "critical", "", at("2026-11-20 23:45"), preset="strict_demo")
    assert answer.contact_due == at("2026-11-21 00:15")
    assert answer.reply_due == at("2026-11-21 23:45")


def test_kind_decides_where_neither_topic_nor_urgency_does():
    start = at("2026-11-16 09:00")
    assert due(CITY, "consult", "normal", "", start, preset="anhui").text == "3个工作日"
    assert due(CITY, "report", "normal", "", start, preset="anhui").text == "10个工作日"
    assert due(CITY, "consult", "critical", "", start, preset="anhui").rule_id == "ah-critical"


def test_the_preset_in_force_is_the_manifests():
    assert due(CITY, "praise", "normal", "", at("2026-11-16 09:00")).preset == CITY.pack.manifest.sla_preset


def test_utc_and_city_time_of_one_moment_give_the_same_deadlines():
    local = at("2026-02-13 17:30")
    assert due(CITY, "help", "normal", "", local) == due(CITY, "help", "normal", "", local.astimezone(UTC))


def test_a_start_without_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        due(CITY, "help", "normal", "", datetime(2026, 11, 16, 9))


def test_an_unknown_preset_is_refused():
    with pytest.raises(NoLimit, match="mars"):
        due(CITY, "help", "normal", "", at("2026-11-16 09:00"), preset="mars")


def test_a_preset_without_catch_all_says_what_it_lacks():
    sla = tuple(
        msgspec.structs.replace(preset, rules=tuple(rule for rule in preset.rules if rule.id != "sd-general"))
        for preset in CITY.pack.sla
    )
    city = CityIndex(msgspec.structs.replace(CITY.pack, sla=sla))
    with pytest.raises(NoLimit, match="no line for kind praise, urgency normal, topic none"):
        due(city, "praise", "normal", "", at("2026-11-16 09:00"), preset="shandong")


@given(
    start=st.datetimes(datetime(2025, 1, 1), datetime(2026, 12, 1), timezones=st.just(ZONE)),
    days=st.integers(0, 20),
)
def test_working_day_limits_end_on_a_working_day_and_grow(start: datetime, days: int):
    end = add(CITY, start, days, "wd").astimezone(ZONE)
    assert end > start and CITY.is_workday(end.date()) and end.hour == 18
    assert add(CITY, start, days + 1, "wd") >= end
