"""The number to call back, as it is really said on the phone."""

from __future__ import annotations

import pytest

from agents.city import City
from agents.extract.phone import contact_phone, runs
from tests.unit.agents.talk import readings


def heard(city: City, *lines: str, ani: str = "") -> str:
    value = contact_phone(readings(city, *lines), ani, "0588")
    return value.value if value else ""


@pytest.mark.parametrize(
    "text",
    [
        "幺三八零零一二三四五六",
        "我电话幺三八 零零幺二 三四五六",
        "138 0012 3456",
        "一三八，零零一二，三四五六",
        "幺三八呃零零幺二嗯三四五六",
        "13800123456",
    ],
)
def test_eleven_digits_said_at_once(city: City, text: str) -> None:
    assert heard(city, "坐席：请问您的联系电话", f"来电：{text}") == "13800123456"


def test_groups_over_several_utterances_with_the_agent_humming(city: City) -> None:
    assert (
        heard(city, "坐席：您的电话", "来电：幺三九", "坐席：嗯", "来电：零零幺二", "坐席：您说", "来电：三四五六")
        == "13900123456"
    )


def test_a_corrected_tail_replaces_the_old_one(city: City) -> None:
    assert heard(city, "坐席：电话多少", "来电：幺三九零零幺二三四五六哎不对不对尾号是三四六五") == "13900123465"


def test_a_corrected_group_replaces_the_newest_group(city: City) -> None:
    assert (
        heard(city, "坐席：电话多少", "来电：幺三九", "来电：零零一二", "来电：三四五六", "来电：不对是三四六五")
        == "13900123465"
    )


def test_not_this_but_that(city: City) -> None:
    assert heard(city, "坐席：电话", "来电：幺三九零零幺二三四五六", "来电：不是三四五六是三四六五") == "13900123465"


def test_said_afresh_the_new_number_counts(city: City) -> None:
    assert (
        heard(city, "坐席：电话", "来电：幺八六零五", "来电：我重新说一遍", "来电：一八六零五八八二二四三")
        == "18605882243"
    )


def test_what_the_caller_confirms_outweighs_what_was_heard(city: City) -> None:
    lines = ("坐席：电话", "来电：幺三九零零幺二三四五七", "坐席：幺三九零零幺二三四五六对吧", "来电：对对")
    assert heard(city, *lines) == "13900123456"


def test_a_read_back_the_caller_denies_does_not_count(city: City) -> None:
    lines = ("坐席：电话", "来电：幺三九零零幺二三四五六", "坐席：幺三九零零幺二三四五九对吗", "来电：不对")
    assert heard(city, *lines) == "13900123456"


@pytest.mark.parametrize("answer", ["就这个号码", "就打这个电话", "对就是这个号", "打我现在打的这个电话就行"])
def test_this_number_is_the_calling_number(city: City, answer: str) -> None:
    assert heard(city, "坐席：您的联系电话", f"来电：{answer}", ani="13712345678") == "13712345678"


def test_another_number_replaces_the_calling_number(city: City) -> None:
    lines = ("坐席：电话就用这个号码吗", "来电：不是这个 打幺三九零零幺二三四五六")
    assert heard(city, *lines, ani="13712345678") == "13900123456"


def test_a_landline_takes_the_area_code_of_the_city(city: City) -> None:
    assert heard(city, "坐席：联系电话", "来电：六一二三四五六") == "05886123456"


def test_an_unfinished_number_leaves_the_calling_number_and_says_so(city: City) -> None:
    value = contact_phone(readings(city, "坐席：电话", "来电：幺三九零零幺二三"), "13712345678", "0588")
    assert value is not None and value.value == "13712345678"
    assert "听到8位" in value.note and value.confidence < 0.5


@pytest.mark.parametrize(
    "text", ["我住三栋二单元五零一", "欠了我八千五百块", "二零二三年买的房子", "早上六点就停水了", "有三十多个人"]
)
def test_other_figures_are_no_number(city: City, text: str) -> None:
    assert heard(city, f"来电：{text}") == ""


def test_a_quantity_is_marked_as_counted() -> None:
    assert [r.counted for r in runs("三栋五零一二三四五")] == [True, False]
