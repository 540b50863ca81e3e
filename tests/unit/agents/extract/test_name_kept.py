"""Wanting one's name kept, or not, in words that no rule lists."""

from __future__ import annotations

import pytest

from agents.city import City
from agents.extract.circumstances import confidential
from agents.extract.learnt import FOLDS, story_lines
from agents.extract.name_kept import Ask, NameKept, hide_lessons
from agents.lessons import Hide, lessons
from agents.lines import Line
from agents.reading import Reading
from tests.unit.agents.talk import readings

FOUND, RIGHT = 0.25, 0.72  # of lines of lessons kept back: at least so many found, so many of those found right


@pytest.mark.parametrize(
    ("lines", "value"),
    [
        (["来电：你可得替我守住嘴，他们要知道是我捅的，我在厂里就干不下去了"], "yes"),
        (["来电：只求你们别把我卖了"], "yes"),
        (["来电：你们上门可不敢提我这一户"], "yes"),
        (["坐席：您的信息这块，要不要我们给遮一下", "来电：遮上吧，遮上"], "yes"),
        (["坐席：您的信息这块，要不要我们给遮一下", "来电：用不着遮"], "no"),
        (["坐席：您的手机号能给到养护单位不", "来电：甭给了吧"], "yes"),
    ],
)
def test_what_becomes_of_his_name(city: City, lines: list[str], value: str) -> None:
    found = confidential(readings(city, *lines), city.name_kept)
    assert found is not None and found.value == value and found.evidence[0].text


@pytest.mark.parametrize(
    "lines",
    [
        ["来电：校长把捐款的名单瞒着我们"],
        ["来电：来查的人问起来，就说是我老杨告的"],  # in no rule's words: no name is given away on a model's word
        ["坐席：您的手机号能给到养护单位不", "来电：给嘛"],
        ["来电：我的手机你直接给他们经理，让他来找我"],
        ["来电：不知道是谁把我的号码卖给贷款公司了"],
        ["来电：别让洒水车大半夜唱歌了"],
        ["来电：我怕那堵墙哪天砸着人"],
        ["来电：保安让我登记身份证才给进"],
        ["坐席：请问您贵姓", "来电：你就写老邱"],
        ["坐席：地址是解放路对吧", "来电：对"],
        ["坐席：我给您转到社保那边行吗", "来电：行"],
        ["坐席：还有什么要说的没", "来电：不用了"],
        ["坐席：末了四个数是三三六六吧", "来电：是"],
        ["坐席：您的信息要不要保密", "来电：你大点声，我这边吵"],
    ],
)
def test_nothing_is_said_of_it(city: City, lines: list[str]) -> None:
    assert confidential(readings(city, *lines), city.name_kept) is None


def test_what_only_sounds_so_does_not_undo_what_was_answered(city: City) -> None:
    call = ["坐席：您的个人信息需要保密吗", "来电：要保密", "来电：让他们工头给我打电话约个时间来修"]
    found = confidential(readings(city, *call), city.name_kept)
    assert found is not None and found.value == "yes"


def test_it_understands_lessons_kept_back() -> None:
    told, asks = lessons("hide", Hide), lessons("asks", Ask)
    agents = list(dict.fromkeys(one.agent for one in told if one.agent))
    kept = [one for i, one in enumerate(told) if (agents.index(one.agent) // 2 if one.agent else i // 5) % FOLDS == 0]
    unknown = {one.agent for one in kept}
    ear = NameKept.fit(
        [one for one in hide_lessons() if one not in kept],
        [one for one in asks if one.agent not in unknown],
        story_lines(),
    )
    pairs = [(one.hide, _kept(one, ear)) for one in kept]
    right = sum(wanted == found != "" for wanted, found in pairs)
    assert right / sum(wanted != "" for wanted, _ in pairs) >= FOUND
    assert right / sum(found != "" for _, found in pairs) >= RIGHT


def _kept(one: Hide, ear: NameKept) -> str:
    asked = [Reading(Line(0, "a", "agent", one.agent, 0.0, False), worked_out={})] if one.agent else []
    found = confidential([*asked, Reading(Line(1, "c", "caller", one.text, 1.0, True), worked_out={})], ear)
    return found.value if found is not None else ""
