"""Which words of a call belong to which matter."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from agents.city import City
from agents.matters import split
from tests.unit.agents.talk import readings

LAMP = "来电：青云路的路灯坏了半个月了，晚上黑灯瞎火"
WAGES = "我在工地上干活，老板欠我三个月工资不给"


def starts(city: City, *lines: str) -> list[int]:
    """The line each matter begins with."""
    state = cast(Any, SimpleNamespace(call="call", opened=(), locks={}, closed={}))
    return [p.readings[0].line.at for p in split(state, readings(city, *lines), city.categories)]


@pytest.mark.parametrize("lead", ["顺带再跟你说一桩，", "还有个事儿啊，", "二一个，", "既然打通了我再说个别的事，"])
def test_said_outright(city: City, lead: str) -> None:
    assert starts(city, LAMP, "来电：派人来修修", f"来电：{lead}{WAGES}", "来电：帮我要回来") == [0, 2]


@pytest.mark.parametrize("ask", ["您还有别的事吗", "除了这个还有旁的要反映不", "其他的呢，还有什么"])
def test_asked_for(city: City, ask: str) -> None:
    assert starts(city, LAMP, "来电：派人来修修", f"坐席：{ask}", f"来电：{WAGES}", "来电：帮我要回来") == [0, 3]


def test_asked_for_and_granted_first(city: City) -> None:
    found = starts(city, LAMP, "来电：派人来修修", "坐席：您还有别的事吗", "来电：有", "坐席：您说", f"来电：{WAGES}")
    assert found == [0, 5]


def test_unmarked_after_the_wish_of_the_first(city: City) -> None:
    assert starts(city, LAMP, "来电：你们派人来修一修", f"来电：{WAGES}", "来电：你们管一管这个老板") == [0, 2]


def test_three_matters(city: City) -> None:
    found = starts(
        city,
        LAMP,
        "来电：派人来修修",
        f"来电：再讲一个，{WAGES}",
        "来电：帮我要回来",
        "坐席：还有别的吗",
        "来电：顺便问问，办护照要带啥材料",
    )
    assert found == [0, 2, 5]


@pytest.mark.parametrize(
    "more",
    [
        ["来电：还有一个就是旁边那盏路灯也不亮", "来电：你们派人来修一修"],
        ["来电：对了，路灯杆子上的线都露出来了", "来电：派人来修修"],
        ["来电：你们派人来修一修", "坐席：您还有别的事吗", "来电：没有了，谢谢"],
        ["来电：你们派人来修一修", "坐席：还有别的电话吗", "来电：没有，就这一个手机"],
        ["来电：我邻居说他们那儿工地欠工资不给", "来电：你们派人来修一修"],
        ["来电：要是再不修我就去法院告他们", "来电：派人来修修"],
        ["来电：派人来修修", "坐席：您的电话是多少", "来电：一三八零零", "来电：哎末尾还有个五"],
    ],
)
def test_the_same_matter_goes_on(city: City, more: list[str]) -> None:
    assert starts(city, LAMP, *more) == [0]
