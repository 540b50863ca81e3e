"""What the caller wants of the hotline."""

from __future__ import annotations

import pytest

from agents.city import City
from agents.extract.kind import kind
from tests.unit.agents.talk import readings


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我想咨询一下居民医保什么时候交", "consult"),
        ("请问老年卡怎么办理要带什么材料", "consult"),
        ("你们到底管不管啊我打了多少遍电话了", "complaint"),
        ("我想问一下你们到底有没有人管凭什么不退钱", "complaint"),
        ("我要投诉这家健身房关门了不退卡", "complaint"),
        ("我举报一个黑诊所无证给人打针", "report"),
        ("家里没水了你们赶紧派人来修", "help"),
        ("路灯坏了不亮麻烦处理一下", "help"),
        ("我建议在学校门口增加一个红绿灯", "suggestion"),
        ("能不能给我们小区通个公交要是能通就好了", "suggestion"),
        ("我不是投诉啊我是想表扬一个人", "praise"),
        ("特别感谢你们办得非常快送一面锦旗", "praise"),
        ("要去投诉的话需要带什么材料啊我先问问", "consult"),
    ],
)
def test_kind(city: City, text: str, expected: str) -> None:
    value = kind(readings(city, f"来电：{text}"), {}, True)
    assert value is not None and value.value == expected


def test_nothing_said_gives_no_kind(city: City) -> None:
    assert kind(readings(city, "来电：喂你好"), {}, False) is None


def test_the_agents_words_do_not_count(city: City) -> None:
    assert kind(readings(city, "坐席：您是要投诉吗", "来电：喂"), {}, False) is None
