"""Whether a caller called before, and whether his name is to be kept."""

from __future__ import annotations

import pytest

from agents.city import City
from agents.extract.circumstances import confidential, is_repeat
from tests.unit.agents.talk import readings


@pytest.mark.parametrize(
    "text",
    [
        "上上礼拜我就给你们打了电话",
        "我打过两回了都没人来",
        "这事儿我跟你们念叨过",
        "上回给我的那个单号还在呢",
        "你们那儿有个小姑娘接的，说给转下去",
        "这是我第四趟打来了",
        "记录里应该有我的",
        "又是我，还是上回那个事",
        "我再来催催，一直没人联系我",
        "前些日子反映上去了，没下文",
        "去年冬天就投诉过",
        "之前的工单说是办结了，根本没弄",
        "你们答应得好好的，人影都没见着",
        "老早就跟12345说过了",
    ],
)
def test_called_before(city: City, text: str) -> None:
    value = is_repeat(readings(city, f"来电：{text}"))
    assert value is not None and value.value == "yes"


@pytest.mark.parametrize(
    "text",
    [
        "我跟物业反映过好几次了",
        "找过居委会两回",
        "头一回打这个电话",
        "我从来没打过你们电话",
        "孩子打过两针疫苗了",
        "我打过来这个号就行",
        "给老板打过好几个电话他不接",
        "派出所那边登记过",
        "我同事说他打过你们电话",
        "楼上吵了好几回了",
        "他说过两天给钱",
        "报过警了",
    ],
)
def test_never_called_before(city: City, text: str) -> None:
    assert is_repeat(readings(city, f"来电：{text}")) is None


@pytest.mark.parametrize(
    ("lines", "value"),
    [
        (["来电：可千万别说是我打的电话"], "yes"),
        (["来电：我这名字你们别往外透"], "yes"),
        (["来电：别让我们老板知道是我"], "yes"),
        (["来电：麻烦帮我保个密"], "yes"),
        (["来电：我就不留名字了"], "yes"),
        (["来电：替我瞒着点"], "yes"),
        (["来电：甭跟他们提我的名字"], "yes"),
        (["坐席：您的个人信息要不要保密", "来电：那肯定要"], "yes"),
        (["坐席：您的个人信息要不要保密", "来电：怕他回头给我穿小鞋"], "yes"),
        (["坐席：您的姓名可以提供给办理单位吗", "来电：不行不行"], "yes"),
        (["坐席：您的姓名可以提供给办理单位吗", "来电：可以的"], "no"),
        (["坐席：您的个人信息需要保密吗", "来电：没事，你说是我就行"], "no"),
        (["坐席：您的个人信息需要保密吗", "来电：用不着"], "no"),
        (["坐席：您的个人信息需要保密吗", "来电：告诉就告诉呗"], "no"),
        (["坐席：您的个人信息需要保密吗", "来电：我怕啥呀"], "no"),
        (["来电：不用替我保密"], "no"),
        (["来电：我实名举报"], "no"),
    ],
)
def test_the_name_is_kept_or_not(city: City, lines: list[str], value: str) -> None:
    found = confidential(readings(city, *lines))
    assert found is not None and found.value == value


@pytest.mark.parametrize(
    "text",
    [
        "他说保密协议不让看",
        "我不怕吃苦",
        "谁也没告诉我要带什么材料",
        "物业不让公开账目",
        "这个电话打不通",
        "别人都不知道怎么办",
        "他们不说原因",
        "你说怕什么来什么",
        "行，谢谢",
        "不要再给我打骚扰电话了",
    ],
)
def test_nothing_said_of_the_name(city: City, text: str) -> None:
    assert confidential(readings(city, f"来电：{text}")) is None
