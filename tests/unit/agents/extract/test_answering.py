"""What a caller answers about himself is no part of the matter; what he tells of it is, whatever was asked."""

from __future__ import annotations

import pytest

from agents.city import City
from agents.extract.answering import of_the_matter
from tests.unit.agents.talk import readings

STORY = "来电：我们那口井的水发绿，煮开了一股怪味"


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("坐席：怎么称呼您", "来电：免贵姓邵，邵阳的邵"),
        ("坐席：您的名字我登一下", "来电：写邵大河吧"),
        ("坐席：回头打哪个号找您", "来电：就这个号，你那屏上显示着呢"),
        ("坐席：留个电话", "来电：你记，一三九"),
        ("坐席：您的信息需要保密吗", "来电：不用，我怕啥"),
    ],
)
def test_an_answer_about_himself_is_left_out(city: City, asked: str, answer: str) -> None:
    call = readings(city, STORY, asked, answer)
    assert [r.line.text for r in of_the_matter(call) if r.line.caller] == [STORY[3:]]


@pytest.mark.parametrize(
    "lines",
    [
        ["坐席：怎么称呼您", "来电：先别管我叫啥，自来水停了三天了你们管不管"],
        ["坐席：留个电话", "来电：物业的电话打了十几遍没一个人接，垃圾堆到二楼了"],
        ["坐席：有多久了", "来电：打年前就这样了"],
        ["来电：厂里的人把我们的名字都记下来了"],
        ["坐席：地址在哪", "来电：三号楼的电梯"],
    ],
)
def test_what_tells_of_the_matter_stays(city: City, lines: list[str]) -> None:
    call = readings(city, *lines)
    assert of_the_matter(call) == call


def test_an_answer_far_from_the_question_is_told_of_itself(city: City) -> None:
    call = readings(city, "坐席：留个电话", "来电：等等啊", "来电：我找找", "来电：他手机号早换了，找不着人")
    assert of_the_matter(call)[-1] is call[-1]
