"""Look-ups over the demo city: places, governments, categories, duty lines of a day, working days."""

from __future__ import annotations

from datetime import date

import pytest

from routing.city.index import CityIndex
from routing.city.load import city_dir, load_city

CITY = CityIndex(load_city(city_dir("yunlan")))


def test_a_place_knows_its_way_up():
    road = next(place for place in CITY.pack.places if place.name == "芦花路")
    assert [place.name for place in CITY.place_path(road.code)] == ["临江区", "沙洲街道", "芦花路"]
    assert CITY.place_above(road.code, "street") == CITY.place(road.parent)
    assert CITY.place_above(road.code, "community") is None


def test_districts_are_the_children_of_nothing():
    assert {place.level for place in CITY.children(None)} == {"district"}
    assert len(CITY.children(None)) == 8


def test_district_notation_becomes_the_government_of_the_place():
    road = next(place for place in CITY.pack.places if place.name == "芦花路")
    government = CITY.resolve("@district", road.code)
    assert government is not None and government.name == "临江区人民政府"
    assert CITY.resolve("@district", None) is None
    assert CITY.resolve("u-fire", None) == CITY.unit("u-fire")


def test_unknown_codes_answer_nothing():
    assert CITY.place("p-99") is None and CITY.unit("x") is None and CITY.category(None) is None
    assert CITY.place_path("p-99") == () and CITY.topic("c-99") == "" and CITY.sla_preset("mars") is None


def test_topic_is_inherited_from_the_category():
    assert CITY.topic("c-050101") == "water"
    assert CITY.topic("c-080301") == ""


def test_responsibility_moves_on_the_day_the_list_says():
    def lead(day: date) -> str:
        return next(line.lead for line in CITY.duty_lines_for("c-070201", day) if line.rule == "function")

    assert lead(date(2026, 2, 28)) == "u-urban"
    assert lead(date(2026, 3, 1)) == "u-emergency"


def test_at_least_eight_lines_changed_their_responsibility():
    versions = {line.id for line in CITY.pack.duties if line.version > 1}
    assert len(versions) >= 8


def test_lines_of_the_category_come_before_those_of_its_parents():
    levels = [len(line.category) for line in CITY.duty_lines_for("c-120101", date(2026, 11, 21))]
    assert levels == sorted(levels, reverse=True) and len(set(levels)) == 3


def test_superseded_articles_are_not_in_force():
    day = date(2026, 11, 21)
    old = [article for article in CITY.pack.articles if article.valid_to and article.valid_to <= day]
    assert old and not set(old) & set(CITY.articles(day))


@pytest.mark.parametrize(
    ("pair", "lead"),
    [
        ("c-100201", "u-education"),  # 培训机构退费, not 市场监管
        ("c-110101", "u-agri"),  # 宅基地
        ("c-070201", "u-emergency"),  # 井盖
        ("c-070101", "u-fire"),  # 消防设施
        ("c-120102", "u-urban"),  # 餐饮油烟
        ("c-120101", "u-urban"),  # 占道
        ("c-040201", "u-ecology"),  # 工业排污
        ("c-050101", "u-watersupply"),  # running water
        ("c-050301", "u-gas"),  # running gas
        ("c-050401", "u-heat"),  # running heat
        ("c-060303", "u-housing"),  # building the pipes
    ],
)
def test_hard_pairs_come_out_right(pair: str, lead: str):
    lines = CITY.duty_lines_for(pair, date(2026, 11, 21))
    assert [line.lead for line in lines if line.rule == "function" and not line.any_words] == [lead]


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 2, 14), True),  # Saturday worked before the Spring Festival
        (date(2026, 2, 16), False),
        (date(2026, 2, 24), True),
        (date(2026, 10, 7), False),
        (date(2026, 10, 10), True),  # Saturday worked after the National Day
        (date(2026, 11, 20), True),
        (date(2026, 11, 21), False),
        (date(2031, 7, 7), True),  # beyond the calendar: the plain week
    ],
)
def test_working_days_follow_the_calendar(day: date, works: bool):
    assert CITY.is_workday(day) is works
