"""Spoken times against the call's own: a Friday, 20 November 2026, noon in the city."""

from __future__ import annotations

import pytest

from agents.city import City
from agents.extract.when import event_time
from tests.unit.agents.talk import NOON, readings


def told(city: City, *lines: str) -> str:
    value = event_time(readings(city, *lines), NOON.astimezone(city.index.zone))
    return value.value.replace("+08:00", "") if value else ""


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("昨天晚上十一点多开始的", "2026-11-19T23:00:00"),
        ("从今天早上六点就没水了", "2026-11-20T06:00:00"),
        ("大前天下午三点半", "2026-11-17T15:30:00"),
        ("前天的事", "2026-11-18T00:00:00/2026-11-19T00:00:00"),
        ("上个礼拜三下午", "2026-11-11T12:00:00/2026-11-11T18:00:00"),
        ("两个小时以前", "2026-11-20T10:00:00"),
        ("从上个月十五号到现在", "2026-10-15T00:00:00/2026-11-20T12:00:00"),
        ("今年三月份", "2026-03-01T00:00:00/2026-04-01T00:00:00"),
        ("十一月三号上午", "2026-11-03T08:00:00/2026-11-03T12:00:00"),
        ("国庆节那天", "2026-10-01T00:00:00/2026-10-01T23:59:59"),
        ("已经停了两天了", "2026-11-18T12:00:00/2026-11-20T12:00:00"),
        ("三个月没发工资了", "2026-08-22T12:00:00/2026-11-20T12:00:00"),
        ("昨天凌晨两点", "2026-11-19T02:00:00"),
        ("昨天中午一点", "2026-11-19T13:00:00"),
        ("昨天8点半", "2026-11-19T08:30:00"),
    ],
)
def test_a_time_is_resolved(city: City, text: str, iso: str) -> None:
    assert told(city, f"来电：{text}") == iso


def test_every_night_is_a_recurring_time(city: City) -> None:
    assert told(city, "来电：每天晚上十点多到第二天早上六点都在施工").startswith("R/2026-11-19T22:00:00")


def test_a_bare_hour_takes_the_day_named_before(city: City) -> None:
    assert told(city, "来电：昨天停的水", "坐席：几点停的", "来电：晚上八点多") == "2026-11-19T20:00:00"


def test_a_night_named_at_noon_is_the_last_one(city: City) -> None:
    assert told(city, "来电：半夜十二点还在打桩") == "2026-11-20T00:00:00"


@pytest.mark.parametrize(
    "text", ["我今年满六十五了", "有点不对劲", "一点水都没有", "上个礼拜打过电话", "我明天要坐火车"]
)
def test_words_that_name_no_time_of_the_matter(city: City, text: str) -> None:
    assert told(city, f"来电：{text}") == ""


def test_the_agents_times_are_not_the_callers(city: City) -> None:
    assert told(city, "坐席：我们昨天晚上八点发过停水通知") == ""
