"""Wishes in words no rule lists, and what only sounds like one."""

from __future__ import annotations

import re

import pytest

from agents.city import City
from agents.extract.narrative import clauses
from agents.extract.wish import demand
from agents.extract.wish_ear import WishEar
from agents.extract.wish_learning import wishes_learnt
from agents.judging import same
from agents.lessons import Marked, lessons
from agents.lines import Line
from agents.reading import Reading
from tests.unit.agents.talk import readings

_PARTS = 5


def wish(city: City, *lines: str, kind: str = "help") -> str:
    value = demand(clauses(readings(city, *(f"来电：{line}" for line in lines)), {}), kind, city.wishes)
    return value.value if value else ""


@pytest.mark.parametrize(
    ("lines", "kind", "wanted"),
    [
        (("巷口那根电线杆歪了快一个月", "趁还没砸着人，给扶正喽"), "help", "给扶正喽"),
        (("楼下麻将馆吵得人睡不成", "把他家的门给我关了"), "complaint", "把他家的门给我关了"),
        (("那家诊所的大夫是个卖菜的", "你们卫生口的去翻翻他的本子"), "report", "去翻翻他的本子"),
        (("我女儿户口在外省", "她在咱这儿念高中成不成"), "consult", "她在咱这儿念高中成不成"),
        (("站台连个顶棚都没有", "搭个棚子吧，大家伙儿下雨天有个躲处"), "suggestion", "搭个棚子吧"),
        (("我们那栋楼水压上不来水一到晚上就断我跟物业说了没用你们派个懂行的来瞧瞧",), "help", "派个懂行的来瞧瞧"),
    ],
)
def test_an_unforeseen_wish_is_found(city: City, lines: tuple[str, ...], kind: str, wanted: str) -> None:
    assert wanted in wish(city, *lines, kind=kind)


@pytest.mark.parametrize(
    "lines",
    [
        ("我让物业来修，物业让我去找社区",),
        ("上个月打过一回，登记过了，后来再没人理",),
        ("老板要求我们天天加到十点", "谁有意见就让谁滚蛋"),
        ("我请了三天假陪他去看病", "钱花了一万多"),
        ("就打我这个手机", "我住在三号楼"),
    ],
)
def test_what_others_want_or_what_has_been_is_no_wish(city: City, lines: tuple[str, ...]) -> None:
    assert wish(city, *lines, kind="complaint") == ""


def test_the_story_before_and_the_thanks_after_stay_outside(city: City) -> None:
    found = wish(city, "停水停了四天了，家里有个吃奶的娃，赶快派辆送水车过来，谢谢啊")
    assert "送水车" in found and "停了四天" not in found and "谢谢" not in found


def test_to_be_kept_unnamed_is_no_wish_in_the_matter(city: City) -> None:
    found = wish(city, "隔壁厂子夜里排黄烟", "派人夜里来逮一逮", "别跟他们说是我打的电话", kind="report")
    assert "逮一逮" in found and "我打的" not in found


@pytest.mark.parametrize("himself", ["我一个女的，", "我是外地户口的，", "我是回族，", "我七十多岁了，"])
def test_who_asks_makes_no_difference(city: City, himself: str) -> None:
    told, asked = "路口的红绿灯坏了", "叫人来修修这个灯"
    assert wish(city, told, himself + asked) == wish(city, told, asked) == asked


def test_every_wish_stands_where_it_was_said(city: City) -> None:
    lines = readings(city, "来电：喂那个路灯坏了", "来电：嗯那个麻烦你们派个师傅来看看呗")
    value = demand(clauses(lines, {}), "help", city.wishes)
    assert value is not None
    for said in value.evidence:
        (line,) = (r.line for r in lines if r.line.id == said.utterance)
        assert line.text[said.start : said.end] == said.text


def test_held_out_tellings_are_understood() -> None:
    """An ear taught by four fifths of the lessons finds the wishes of the last: other writers' words."""
    told = lessons("wish", Marked)
    begin = len(told) * (_PARTS - 1) // _PARTS
    ear = wishes_learnt(told=told[:begin])
    right = found = wanted = 0
    for one in told[begin:]:
        if one.kind == "praise":
            continue
        wishes = [w for line in one.lines for w in re.findall("《(.*?)》", line)]
        value = demand(clauses(_heard(one), {}), one.kind, ear)
        found += value is not None
        wanted += bool(wishes)
        right += value is not None and any(same("demand", w, value) for w in wishes)
    assert right / wanted >= 0.72 and right / found >= 0.72


def test_the_same_lessons_teach_the_same_ear() -> None:
    told = lessons("wish", Marked)[:120]
    text = "水管爆了，叫个师傅来看看"
    assert _scores(wishes_learnt(told=told), text) == _scores(wishes_learnt(told=told), text)


def _heard(one: Marked) -> list[Reading]:
    lines = (re.sub("[《》]", "", line) for line in one.lines)
    return [Reading(Line(n, f"u{n}", "caller", text, float(n), True)) for n, text in enumerate(lines)]


def _scores(ear: WishEar, text: str) -> list[float]:
    return [clause.score for clause in ear.heard([ear.parts(text)], "help")]
