"""For how many a caller speaks."""

from __future__ import annotations

import pytest

from agents.city import City
from agents.extract.crowd import households, is_group
from tests.unit.agents.talk import readings


@pytest.mark.parametrize("text", ["我们小区的人都没水", "我们十二个人的工钱", "群里有三十多个家长", "整栋楼都没电"])
def test_many_are_noted(city: City, text: str) -> None:
    value = is_group(readings(city, f"来电：{text}"))
    assert value is not None and value.value == "yes"


def test_one_caller_is_no_group(city: City) -> None:
    assert is_group(readings(city, "来电：我家没水了")) is None


@pytest.mark.parametrize("text", ["又不是我一户", "楼上楼下的都在骂", "大伙都遭罪", "邻居们都受不了", "好些户都摊上了"])
def test_many_are_noted_without_a_number(city: City, text: str) -> None:
    assert is_group(readings(city, f"来电：{text}")) is not None


@pytest.mark.parametrize("text", ["新生儿上户口要啥", "几家通信公司都不管", "村里的集体土地租出去了", "我们单元七层"])
def test_other_words_make_no_group(city: City, text: str) -> None:
    assert is_group(readings(city, f"来电：{text}")) is None


def test_the_homes_of_a_house_are_not_those_touched(city: City) -> None:
    assert households(readings(city, "来电：我们单元一共七层十四家")) is None


def test_homes_touched_are_counted(city: City) -> None:
    found = households(readings(city, "来电：二十来户人家都没水"))
    assert found is not None and found.value == "20"
