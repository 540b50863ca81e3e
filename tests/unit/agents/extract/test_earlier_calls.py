"""Telling of an earlier call in words that no rule lists."""

from __future__ import annotations

import pytest

from agents.city import City
from agents.extract.circumstances import is_repeat
from agents.extract.earlier_calls import EarlierCalls, again_lessons
from agents.extract.learnt import FOLDS, story_lines, together
from agents.lessons import Again, lessons
from agents.lines import Line
from agents.reading import Reading
from tests.unit.agents.talk import readings

FOUND, RIGHT = 0.5, 0.85  # of lines of lessons kept back: at least so many found, so many of those found right


@pytest.mark.parametrize(
    "text",
    [
        "你们说给我回话的，我电话都快盯出花来了",
        "我就是想打听打听，交给你们的那个事儿批到谁手里了",
        "你们那短信里写的已办结，我家水管还滴着呢",
        "你们上回派来的人瞅了瞅，扭头就没影了",
        "这都跟你们讲了八百遍了",
        "您这边前几天说帮我转交通局，转了没",
        "我那个投诉你们给结了案，可他照样开门",
    ],
)
def test_the_hotline_knows_of_it(city: City, text: str) -> None:
    value = is_repeat(readings(city, f"来电：{text}"), city.earlier_calls)
    assert value is not None and value.value == "yes" and value.evidence[0].text


@pytest.mark.parametrize(
    "text",
    [
        "物业让我回家等信儿，等到这会儿啥也没等着",
        "商场派来的人瞅了瞅，扭头就没影了",
        "我跟老板讲了八百遍了",
        "快递员前几天说帮我转到驿站，转了没",
        "你们给登记一下，看归谁管",
        "那我就听你们信儿了",
        "头一回跟你们打交道，不知道咋说",
        "从前没找过热线，这回实在没辙了",
        "医生说下礼拜还得再打一针",
        "法院给我结了案，可他照样不还钱",
        "要是你们解决不了我再打过来",
        "嗯，好，那行",
    ],
)
def test_it_is_new_to_the_hotline(city: City, text: str) -> None:
    assert is_repeat(readings(city, f"来电：{text}"), city.earlier_calls) is None


def test_words_of_a_rule_that_mean_something_else_are_passed_over(city: City) -> None:
    line = "我在家电公司当客服，店长规定工单办结了才能下班，这合理吗"
    assert is_repeat(readings(city, f"来电：{line}")) is not None
    assert is_repeat(readings(city, f"来电：{line}"), city.earlier_calls) is None


@pytest.mark.parametrize("said", ["我今年七十岁了，", "我是外地来的，", "我是残疾人，"])
def test_who_tells_it_moves_nothing(city: City, said: str) -> None:
    text = "你们让我回家等信儿，等到这会儿啥也没等着"
    assert city.earlier_calls.over(said + text) == pytest.approx(city.earlier_calls.over(text), abs=1e-4)


def test_it_understands_lessons_kept_back() -> None:
    told = lessons("again", Again)
    fold = together(len(told)) == FOLDS - 1
    kept = [one for one, apart in zip(told, fold, strict=True) if apart]
    known = [one for one in again_lessons() if one not in kept]
    ear = EarlierCalls.fit(known, story_lines([one.text for one in again_lessons() if one.again]))
    found = [one.again for one in kept if is_repeat([_reading(one.text)], ear) is not None]
    assert sum(found) / sum(one.again for one in kept) >= FOUND
    assert sum(found) / len(found) >= RIGHT


def _reading(text: str) -> Reading:
    return Reading(Line(0, "u", "caller", text, 0.0, True), worked_out={})
