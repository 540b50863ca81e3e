"""The number to call back in the many ways it is told: mended, repeated, referred to, and beside numbers of others."""

from __future__ import annotations

import pytest

from agents.city import City
from agents.extract.phone import contact_phone
from tests.unit.agents.talk import readings

ANI = "13712345678"
TOLD = "13900123456"
ASKED = "坐席：您留个号，回头好跟您联系"


def heard(city: City, *lines: str, ani: str = ANI) -> str:
    value = contact_phone(readings(city, *lines), ani, "0588")
    return value.value if value else ""


@pytest.mark.parametrize(
    "ask",
    ["怎么找得到您", "回头怎么联系您呢", "办好了往哪儿打", "留个能打通的", "到时候通知您打哪个号", "您给个联系方式"],
)
def test_a_number_after_any_way_to_ask_for_it(city: City, ask: str) -> None:
    assert heard(city, f"坐席：{ask}", "来电：幺三九", "坐席：嗯嗯", "来电：零零幺二", "来电：三四五六") == TOLD


@pytest.mark.parametrize(
    "lines",
    [
        ("来电：幺三九零零幺三三四五六，哎不是三三是二三，中间四位零零幺二",),
        ("来电：幺三九", "坐席：幺三八", "来电：不是三八是三九", "来电：零零幺二", "坐席：嗯", "来电：三四五六"),
        ("来电：幺三九零零幺二三四五九", "坐席：尾号三四五九", "来电：哎呀最后一位错了，是六"),
        ("来电：幺三九零零幺二三四五九", "来电：末尾不是五九，是五六"),
        ("来电：幺三九零零幺七三四五六", "来电：第七位是二"),
        ("来电：幺三九零零幺二三四五", "坐席：少一位吧", "来电：哦漏了个六"),
        ("来电：幺三九零零幺二三四", "坐席：位数不够啊", "来电：后四位三四五六"),
        (
            "来电：幺三九零零幺二三四五",
            "坐席：只有十位",
            "来电：我再说一遍，幺三九",
            "来电：零零幺二",
            "来电：三四五六",
        ),
        ("来电：幺三九，", "坐席：幺三九", "来电：对幺三九，零零幺二", "坐席：零零幺二", "来电：零零幺二，三四五六"),
        ("来电：一三九两个零一二三四五六",),
        ("来电：前头是一三九", "来电：后面是零零一二", "来电：最后三四五六"),
        ("来电：腰三九洞洞幺两三四五六",),
        ("来电：幺三九灵零幺二三死五六",),
        ("来电：幺三九零零幺二", "坐席：嗯", "来电：我瞅瞅啊，手机上存着呢", "坐席：不急", "来电：三四五六"),
        ("来电：幺三八零零幺二三四五六，说串了，应该是幺三九零零幺二三四五六",),
        ("来电：幺三九零零幺二三四五六，再说一次，幺三九零零幺二三四五六",),
        ("来电：幺三九零零幺二三四五六", "来电：打不通的话就打我老伴的，幺五八八八六六二二三三"),
        ("来电：换个号吧，记我闺女的，幺三九零零幺二三四五六",),
        ("来电：幺八六零五五五一二一二", "来电：算了还是换一个，幺三九零零幺二三四五六"),
        ("来电：我身份证号三三零五八八一九六二零三零四一二一七", "坐席：电话呢", "来电：幺三九零零幺二三四五六"),
        ("来电：幺三九零零幺二三四五六", "坐席：订单号报一下", "来电：八八二二零零四五六七一"),
        ("来电：幺三九零零幺二三四五六", "坐席：骗您的人的电话有吗", "来电：他的电话是一七零八八八八六六六六"),
    ],
)
def test_a_number_however_it_is_told(city: City, lines: tuple[str, ...]) -> None:
    assert heard(city, ASKED, *lines) == TOLD


@pytest.mark.parametrize(
    "answer",
    [
        "就我打来的这个号码",
        "就它就行",
        "你那边不是有来电显示嘛",
        "屏幕上看得到的那个呗",
        "还是这个手机",
        "直接打回来就行",
        "我现在拿的这部电话就能找到我",
        "同一个号",
        "用原来的号码",
        "就打这个",
    ],
)
def test_the_calling_number_is_meant(city: City, answer: str) -> None:
    value = contact_phone(readings(city, ASKED, f"来电：{answer}"), ANI, "0588")
    assert value is not None and value.value == ANI and value.origin == "rule"


def test_the_calling_number_offered_and_agreed_to(city: City) -> None:
    lines = ("坐席：联系您就打您现在这个号码可以吗", "来电：中，可以")
    value = contact_phone(readings(city, *lines), ANI, "0588")
    assert value is not None and value.value == ANI and value.origin == "rule"


@pytest.mark.parametrize("answer", ["别打这个，这是我邻居的手机", "这个号马上停机了", "不是这个"])
def test_the_calling_number_refused_is_not_confirmed(city: City, answer: str) -> None:
    value = contact_phone(readings(city, ASKED, f"来电：{answer}"), ANI, "0588")
    assert value is not None and value.origin == "call" and value.confidence < 0.5


@pytest.mark.parametrize(
    "lines",
    [
        ("来电：他拿幺三九零零幺二三四五六给我打的电话骗我转账",),
        ("来电：那个老板的手机号是幺三九零零幺二三四五六",),
        ("来电：我的订单号是幺三九零零幺二三四五六",),
        ("来电：我身份证号三三零五八八一九六二零三零四一二一七",),
        ("来电：欠了我八万五千六百块，拖了三年零两个月",),
        ("坐席：对方公司电话多少", "来电：幺三九零零幺二三四五六"),
        ("来电：车牌号是云A幺三九零零",),
        ("来电：我给客服打了九五五八八，又打了幺零零八六",),
    ],
)
def test_numbers_of_others_are_not_his(city: City, lines: tuple[str, ...]) -> None:
    assert heard(city, *lines) == ANI


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("家里座机，六一二三四五六", "05886123456"),
        ("区号零五八八，六一二三四五六转三零二", "05886123456"),
        ("打我办公室，零二幺五五五零八八二二", "02155508822"),
        ("座机六二三，三三幺二", "05886233312"),
    ],
)
def test_landlines(city: City, told: str, expected: str) -> None:
    assert heard(city, ASKED, f"来电：{told}") == expected


def test_a_number_that_stays_short_is_not_completed_by_a_particle(city: City) -> None:
    assert heard(city, ASKED, "来电：幺三九零零幺二三四五吧", "坐席：少了一位", "来电：哎呀我记不清了") == ANI
