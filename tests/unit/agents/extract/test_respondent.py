"""Whom the complaint is about, by the head of its name."""

from __future__ import annotations

import pytest

from agents.city import City
from agents.extract.respondent import respondent
from tests.unit.agents.talk import readings


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("定金交给远帆置业，房子到现在没影", "远帆置业"),
        ("米多多面包房拿发霉的料做点心", "米多多面包房"),
        ("实验三小有老师收钱排座位", "实验三小"),
        ("好妈妈月子中心关了门不退钱", "好妈妈月子中心"),
    ],
)
def test_a_body_is_known_by_its_head(city: City, text: str, wanted: str) -> None:
    value = respondent(readings(city, f"来电：{text}"), "complaint", city.gazetteer, None)
    assert value is not None and value.value == wanted


def test_a_little_while_is_no_school(city: City) -> None:
    assert respondent(readings(city, "来电：等了一小时，路上一小块冰"), "complaint", city.gazetteer, None) is None
