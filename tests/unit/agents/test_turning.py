"""Words by which a caller turns to something else, and an agent asks for it."""

from __future__ import annotations

import pytest

from agents.turning import prompt, turn


@pytest.mark.parametrize(
    "text",
    [
        "我还有个事儿要跟你念叨",
        "顺便问你一下，孩子的疫苗本丢了咋补",
        "捎带着再反映一个，楼下天天烧纸",
        "那个，还有一桩事",
        "第二件呢，是我们单位不给交社保",
        "再麻烦你一个事，我爸的高龄补贴停了",
        "另外一个问题就是公交车老不来",
        "二一个，门口的井盖没了",
        "还想打听打听退休金几号到账",
        "既然打通了，我再说个别的事",
        "趁着电话还没挂，再问一个事",
        "下一个问题，路灯不亮",
        "地二个事，路灯不亮",
    ],
)
def test_another_matter_said_outright(text: str) -> None:
    assert turn(text).mark == "outright"


@pytest.mark.parametrize(
    "text",
    [
        "对了，我们村的水也浑了",
        "哦对，学校门口那个摊子",
        "再有就是工资的事",
        "差点忘了，我妈的医保卡",
        "难得打通一回，公园里头也说说",
        "别急着挂，楼上那家还养鸡",
        "除了这个，我家的暖气费",
        "一码归一码，那个押金",
        "刚才光顾着说路了，车站那块儿",
    ],
)
def test_perhaps_another_matter(text: str) -> None:
    assert turn(text).mark != "none"


@pytest.mark.parametrize(
    "text",
    [
        "这都第三回了也没人来修",
        "里头有身份证还有两百块钱",
        "最后还有个五",
        "二一六四",
        "楼道里一块儿堆了好多纸箱子",
        "他们家还养了三条狗",
        "我家在六号楼",
        "派人来瞧瞧吧",
    ],
)
def test_going_on_with_the_same(text: str) -> None:
    assert turn(text).mark == "none"


@pytest.mark.parametrize(
    "text",
    [
        "您还有什么要反映的吗",
        "别的还有没",
        "除了这件，还有旁的事不",
        "其他还需要我帮您记的吗？",
        "那第二件呢",
        "您另外还想说哪方面的",
    ],
)
def test_an_agent_asks_for_more(text: str) -> None:
    assert prompt(text).for_more


@pytest.mark.parametrize(
    "text",
    ["还有别的电话吗", "旁边还有什么标志性建筑吗", "其他邻居也这样吗", "您贵姓", "还有具体的门牌吗", "好，我记下了"],
)
def test_an_agent_asks_for_a_detail(text: str) -> None:
    assert not prompt(text).for_more


@pytest.mark.parametrize(
    "text", ["你们派个人来看看", "请有关部门管一管", "帮我催催他们", "能不能把路灯修了", "给我个准话", "该罚就得罚他"]
)
def test_a_wish(text: str) -> None:
    assert turn(text).wish


@pytest.mark.parametrize("text", ["水管裂了好几天", "他们给修了一回又坏了", "去找过物业", "我住六号楼"])
def test_no_wish(text: str) -> None:
    assert not turn(text).wish
