"""Who calls and for whom."""

from __future__ import annotations

import pytest

from agents.city import City
from agents.extract.persons import caller_name, gender, vulnerable_group
from tests.unit.agents.talk import readings


def name(city: City, *lines: str) -> str:
    value = caller_name(readings(city, *lines))
    return value.value if value else ""


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("免贵姓王", "王"),
        ("我姓张弓长张", "张"),
        ("我姓章弓长张", "张"),
        ("姓陈耳东陈", "陈"),
        ("我叫李建国", "李建国"),
        ("免贵姓王王建国", "王建国"),
        ("我姓王，王建国", "王建国"),
        ("刘", "刘"),
        ("欧阳", "欧阳"),
        ("我是赵敏", "赵敏"),
    ],
)
def test_the_name_as_it_is_given(city: City, answer: str, expected: str) -> None:
    assert name(city, "坐席：请问您贵姓", f"来电：{answer}") == expected


def test_characters_spelt_out_replace_homophones(city: City) -> None:
    assert name(city, "坐席：您的姓名", "来电：我叫李见国，建设的建国家的国") == "李建国"


def test_sex_completes_a_surname(city: City) -> None:
    assert name(city, "坐席：请问您贵姓", "来电：姓王", "坐席：好的王女士") == "王女士"


@pytest.mark.parametrize(
    "text", ["我叫他来修他不来", "我叫了三次师傅", "姓名我就不留了", "我是高新区的", "我们叫物业来看过"]
)
def test_no_name_is_made_up(city: City, text: str) -> None:
    assert name(city, f"来电：{text}") == ""


def test_the_agents_form_of_address_tells_the_sex(city: City) -> None:
    value = gender(readings(city, "坐席：先生您别着急"))
    assert value is None or value.value == "male"
    value = gender(readings(city, "来电：姓李", "坐席：李女士您好"))
    assert value is not None and value.value == "female"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("我妈八十多岁了腿脚不方便", "老年人"),
        ("家里有个吃奶的娃娃", "儿童"),
        ("我坐轮椅出不去", "残疾人"),
        ("我怀孕五个月了", "孕产妇"),
    ],
)
def test_vulnerable_people_are_noted(city: City, text: str, label: str) -> None:
    value = vulnerable_group(readings(city, f"来电：{text}"))
    assert value is not None and label in value.label


def test_a_card_for_the_old_makes_nobody_vulnerable(city: City) -> None:
    assert vulnerable_group(readings(city, "来电：老人卡怎么办")) is None
