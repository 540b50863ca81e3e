"""Times in the words of all ages and regions, and times that are of something else: Friday, 20 November 2026, noon."""

from __future__ import annotations

import pytest

from agents.city import City
from tests.unit.agents.extract.test_when import told


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("昨儿个后半晌停的电", "2026-11-19T15:00"),
        ("前儿个一大早拉来的土", "2026-11-18T06:00"),
        ("大前天晌午墙塌了一角", "2026-11-17T11:00"),
        ("昨黑家楼上蹦到两点", "2026-11-19T18:00"),
        ("打前天起就没人收了", "2026-11-18T00:00"),
        ("头天擦黑把门给堵了", "2026-11-19T17:00"),
        ("昨后晌来了一帮人把棚子拆了", "2026-11-19T14:00"),
        ("今下午的事", "2026-11-20T12:00"),
        ("上上礼拜五晚上", "2026-11-06T18:00"),
        ("这礼拜二把路挖开的", "2026-11-17T00:00"),
        ("上周末", "2026-11-14T00:00"),
        ("大前天下午四点过一点", "2026-11-17T16:00"),
        ("昨晚七八点钟的样子", "2026-11-19T19:00"),
        ("11月3号下午3:20", "2026-11-03T15:20"),
        ("上个月底就报了名", "2026-10-25T00:00"),
        ("月初涨的价", "2026-11-01T00:00"),
        ("头年冬天就这样", "2025-12-01T00:00"),
        ("九月十六那天", "2026-09-16T00:00"),
        ("二零二三年五月份", "2023-05-01T00:00"),
        ("入冬就没热过", "2026-11-01T00:00"),
    ],
)
def test_days_of_all_regions(city: City, text: str, begins: str) -> None:
    assert told(city, f"来电：{text}").startswith(begins)


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("个把月了吧", "2026-10-21"),
        ("有俩月了", "2026-09-21"),
        ("半拉月了还没人管", "2026-11-05"),
        ("小一年了", "2025-12-27"),
        ("得有二十来天了", "2026-10-31"),
        ("七八天没水了", "2026-11-13"),
        ("两个礼拜一直没人来", "2026-11-06"),
        ("拖了大半年", "2026-03-28"),
        ("都四个来月了", "2026-07-23"),
        ("将近俩钟头了还不来电", "2026-11-20T10:00"),
        ("一年半了", "2025-05-21"),
        ("一连五天都不来", "2026-11-15"),
        ("满打满算仨礼拜", "2026-10-30"),
        ("百十来天", "2026-08-02"),
        ("个把礼拜前装上去的", "2026-11-13"),
        ("半年前物业说要换", "2026-05-22"),
        ("一晚上没合眼", "2026-11-19"),
    ],
)
def test_spans_are_counted_back(city: City, text: str, begins: str) -> None:
    assert told(city, f"来电：{text}").startswith(begins)


@pytest.mark.parametrize(
    "text",
    [
        "他三天两头来敲门",
        "房租我付了三个月",
        "我在这儿住了二十多年了",
        "合同签的是三年",
        "再过两天就到期了",
        "我家娃三个月了",
        "保修期限两年",
        "等两天再说",
        "一个月工资三千",
        "我八十多了",
        "早上八点半上班对吧",
        "礼拜一那天有个姑娘给我登记过",
        "大前天我来过一回电话没下文",
        "上个月反映过，没人理",
    ],
)
def test_spans_and_days_of_something_else(city: City, text: str) -> None:
    assert told(city, f"来电：{text}") == ""


def test_the_matter_is_not_the_earlier_call(city: City) -> None:
    lines = ("来电：昨儿管子爆了", "来电：礼拜一那天我打过一回热线，说是别的事")
    assert told(city, *lines).startswith("2026-11-19")


def test_the_answer_to_when_outweighs_times_told_in_passing(city: City) -> None:
    lines = ("来电：昨天下午三点我下楼看了看", "坐席：这事最早是什么时候开始的", "来电：俩月吧")
    assert told(city, *lines).startswith("2026-09-21")


def test_the_answer_to_when_did_you_call_is_no_time_of_the_matter(city: City) -> None:
    assert told(city, "坐席：您什么时候打过电话", "来电：上礼拜三") == ""


@pytest.mark.parametrize("text", ["前儿有个女同志接的，说给转", "你们上礼拜三给我回了个电话", "我今年七十二"])
def test_days_of_calls_and_ages(city: City, text: str) -> None:
    assert told(city, f"来电：{text}") == ""
