"""What the caller wants of the hotline."""

from __future__ import annotations

import pytest

from agents.city import City
from agents.extract.kind import kind
from agents.extract.topic import expected
from tests.unit.agents.talk import readings


@pytest.mark.parametrize(
    ("text", "wanted"),
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
def test_kind(city: City, text: str, wanted: str) -> None:
    value = kind(readings(city, f"来电：{text}"), {}, True)
    assert value is not None and value.value == wanted


def test_nothing_said_gives_no_kind(city: City) -> None:
    assert kind(readings(city, "来电：喂你好"), {}, False) is None


def test_the_agents_words_do_not_count(city: City) -> None:
    assert kind(readings(city, "坐席：您是要投诉吗", "来电：喂"), {}, False) is None


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (("来电：俺娘想把户口落到我这儿，咋个弄法，给我说说呗",), "consult"),
        (("来电：驾照到期了人在外头，别的地儿能换不",), "consult"),
        (("来电：我寻思着公交站边上要是加个棚子多好",), "suggestion"),
        (("来电：提个小意见，图书馆晚上再多开两个钟头吧",), "suggestion"),
        (("来电：给你们报个信儿，后院那帮人半夜灌假酒，得有人去查查",), "report"),
        (("来电：没啥别的，就想替我妈谢谢社区那个大夫",), "praise"),
        (("来电：门口下水道往外翻黑水，一踩一脚泥", "来电：叫个人来给通通吧"), "help"),
        (("来电：欠了我俩月工钱，我是先去仲裁呢，还是可以先投诉，请问找哪个部门",), "consult"),
    ],
)
def test_the_kind_is_heard_in_other_words_than_those_of_the_rules(
    city: City, lines: tuple[str, ...], wanted: str
) -> None:
    value = kind(readings(city, *lines), {}, True, city.ear)
    assert value is not None and value.value == wanted


def test_a_category_that_is_doubtful_leads_one_to_expect_less(city: City) -> None:
    weights = [expected("c-050101", city, share)["help"] for share in (0.2, 0.5, 0.9)]
    assert weights == sorted(weights) and weights[0] < weights[-1]


def test_a_category_expects_what_the_one_above_it_does_unless_it_says_so_itself(city: City) -> None:
    assert set(expected("c-050101", city)) == {"help"} and set(expected("c-050103", city)) == {"complaint"}
    assert expected("c-01", city) == {}


def test_a_greeting_or_a_name_sounds_like_no_kind(city: City) -> None:
    assert kind(readings(city, "来电：喂你好", "来电：我姓刘"), {}, False, city.ear) is None
