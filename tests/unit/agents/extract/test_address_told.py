"""Places mended, denied, read back and told in passing, in the words of all ages and regions."""

from __future__ import annotations

import pytest

from agents.city import City
from tests.unit.agents.extract.test_address import told

PAIRS = [("听涛雅居", "白鹭湾小区"), ("白鹭湾小区", "听涛雅居"), ("桂花园小区", "启航公寓")]


@pytest.mark.parametrize(("right", "wrong"), PAIRS)
@pytest.mark.parametrize(
    "line",
    [
        "{wrong}，呸，瞧我这张嘴，{right}才对",
        "{wrong}呸看我这记性{right}才对",
        "{wrong}，唉我老糊涂了，该是{right}",
        "{wrong}，噢不，{right}",
        "{wrong}，诶等等，那是我闺女家，我们是{right}",
        "{wrong}，嘴瓢了，{right}",
        "{wrong}，叫串了，应该叫{right}",
        "{wrong}，哦，我说的是{right}",
        "{wrong}，不是，{right}",
        "{right}，不是{wrong}，别弄混了",
        "{right}不是{wrong}别记错了",
        "{right}，不是{wrong}",
        "{right}，跟{wrong}没关系",
        "{right}，{wrong}那是另外一个",
        "可别跟{wrong}搞混，是{right}",
        "我家住{wrong}，不过坑是在{right}门口",
    ],
)
def test_the_mended_place_stands(city: City, line: str, right: str, wrong: str) -> None:
    found = told(city, "来电：" + line.format(right=right, wrong=wrong))
    assert found.endswith(right)


@pytest.mark.parametrize(("right", "wrong"), PAIRS)
@pytest.mark.parametrize(
    "answer", ["哪是{wrong}啊，{right}", "啥{wrong}，{right}", "没说{wrong}，说的{right}", "您记岔了，{right}"]
)
def test_a_place_read_back_wrongly_is_gone(city: City, answer: str, right: str, wrong: str) -> None:
    said = answer.format(right=right, wrong=wrong)
    assert told(city, "来电：我们小区", f"坐席：{wrong}是吧", f"来电：{said}").endswith(right)


@pytest.mark.parametrize("yes", ["嗯呐", "可不嘛", "对头", "是嘞", "要得", "嗯。", "没跑"])
def test_a_place_read_back_and_affirmed_in_any_region(city: City, yes: str) -> None:
    lines = ("来电：在听涛雅居", "坐席：是白鹭湾小区对吧", f"来电：{yes}")
    assert told(city, *lines).endswith("白鹭湾小区")


@pytest.mark.parametrize("line", ["我老丈人家在白鹭湾小区也这样", "我姐住白鹭湾小区那边就没事"])
def test_a_relatives_place_told_in_passing_is_not_where_it_is(city: City, line: str) -> None:
    assert told(city, "来电：听涛雅居楼下", f"来电：{line}").endswith("听涛雅居")


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("新华路多少号", "137号"),
        ("新华路几号", "反正一百三十七号"),
        ("门牌号是多少", "好像一百二十号，不对，一百三十七号"),
    ],
)
def test_the_number_in_the_road_is_asked_for(city: City, asked: str, answer: str) -> None:
    assert told(city, "来电：新华路上", f"坐席：{asked}", f"来电：{answer}").endswith("新华路137号")


def test_a_layer_of_dust_is_no_floor_and_a_name_no_house(city: City) -> None:
    assert told(city, "来电：听涛雅居，我家桌上一层土").endswith("听涛雅居")
    assert told(city, "来电：云山一号院").endswith("云山壹号院")


def test_a_house_that_is_not_meant(city: City) -> None:
    assert told(city, "来电：听涛雅居三栋，不是五栋啊").endswith("3栋")
    assert told(city, "来电：听涛雅居三栋，哦不，五栋").endswith("5栋")
