"""The caller's name in the many ways it is given, and names of others that are told beside it."""

from __future__ import annotations

import pytest

from agents.city import City
from agents.extract.persons import caller_name, gender
from tests.unit.agents.talk import readings


def name(city: City, *lines: str) -> str:
    value = caller_name(readings(city, *lines))
    return value.value if value else ""


@pytest.mark.parametrize(
    "ask",
    [
        "怎么喊您呀",
        "您是哪位",
        "报一下姓名",
        "留个名字吧",
        "您姓什么",
        "您叫什么名字",
        "登记一下您的姓名",
        "您尊姓大名",
    ],
)
def test_a_bare_name_after_any_way_to_ask_for_it(city: City, ask: str) -> None:
    assert name(city, f"坐席：{ask}", "来电：周文斌。") == "周文斌"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("吴，口天吴，吴桂芳。", "吴桂芳"),
        ("我姓欧阳，欧阳海燕", "欧阳海燕"),
        ("姓许言午许许志强", "许志强"),
        ("登记许志强就行了", "许志强"),
        ("免贵姓林，双木林，单名一个涛字", "林涛"),
        ("韩雪梅韩国的韩雪花的雪梅花的梅", "韩雪梅"),
        ("韩学梅，韩国的韩，雪花的雪，梅花的梅", "韩雪梅"),
        ("罗美玲，美丽的美，王字旁的玲", "罗美玲"),
        ("俺叫周铁柱", "周铁柱"),
        ("嗯，周铁柱，哎，铁路的铁，柱子的柱", "周铁柱"),
        ("我本人叫沈月娥嘛", "沈月娥"),
        ("姓沈，呃，沈月娥", "沈月娥"),
        ("叫我老周就行", "周"),
        ("你喊我李姐吧", "李女士"),
        ("不是弓长张，是立早章", "章"),
        ("我儿子叫周小军，我姓王", "王"),
        ("我姓王，我妈叫周桂英", "王"),
        ("张有才", "张有才"),
        ("田家旺", "田家旺"),
    ],
)
def test_a_name_however_it_is_given(city: City, answer: str, expected: str) -> None:
    assert name(city, "坐席：请问怎么称呼您", f"来电：{answer}") == expected


def test_the_given_name_may_come_later(city: City) -> None:
    lines = ("坐席：您贵姓", "来电：免贵姓贾，西贝贾", "坐席：全名呢", "来电：叫春生")
    assert name(city, *lines) == "贾春生"


def test_a_wrong_name_read_back_is_mended(city: City) -> None:
    assert name(city, "坐席：您贵姓", "来电：姓黎", "坐席：李女士是吧", "来电：不是，姓黎，黎明的黎") == "黎女士"


@pytest.mark.parametrize(
    ("ask", "answer"),
    [
        ("请问怎么称呼您", "不方便留"),
        ("请问怎么称呼您", "方便吗这个"),
        ("请问怎么称呼您", "名字就不留了吧"),
        ("请问怎么称呼您", "匿名可以吧"),
        ("对方公司叫什么名字", "金鼎装饰"),
        ("他叫什么名字", "王建国"),
        ("您的姓名要不要替您保密", "方便的话保密"),
    ],
)
def test_an_answer_that_is_no_name_of_his(city: City, ask: str, answer: str) -> None:
    assert name(city, f"坐席：{ask}", f"来电：{answer}") == ""


@pytest.mark.parametrize(
    "text",
    [
        "有个姓贺的主任说他管不着",
        "我们村长叫马有福",
        "我是房东，租客不交钱",
        "我是农民，地被占了",
        "工地上的包工头姓石",
        "我妈叫周桂英，八十多了",
        "我叫车叫了半天",
        "我是时常路过那里",
        "我叫物业来看过了",
    ],
)
def test_names_of_others_and_words_like_names_are_none(city: City, text: str) -> None:
    assert name(city, f"来电：{text}") == ""


@pytest.mark.parametrize(
    ("text", "sex"),
    [
        ("我是他妈妈", "female"),
        ("我是孩子爸爸", "male"),
        ("我一个当妈的", "female"),
        ("你喊我王大妈就行", "female"),
        ("叫我李哥吧", "male"),
        ("我是她女婿", "male"),
    ],
)
def test_sex_as_the_caller_tells_it(city: City, text: str, sex: str) -> None:
    value = gender(readings(city, "坐席：怎么称呼您", f"来电：{text}"))
    assert value is not None and value.value == sex


@pytest.mark.parametrize("text", ["我妈妈是老师", "他妈妈也来了", "那个李大妈又来闹", "我找王哥说过"])
def test_sex_of_others_is_not_his(city: City, text: str) -> None:
    assert gender(readings(city, f"来电：{text}")) is None
