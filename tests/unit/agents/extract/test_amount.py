"""Sums of money."""

from __future__ import annotations

import pytest

from agents.city import City
from agents.extract.amount import amount
from tests.unit.agents.talk import readings


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("欠我八千五百块钱", "8500"),
        ("一共拖欠我们三万六", "36000"),
        ("一个月八千五三个月一共两万五千五百块钱", "25500"),
        ("交了九千八", "9800"),
        ("花了1.6万元", "16000"),
        ("退了18000元", "18000"),
        ("五六万块钱打了水漂", "50000"),
        ("押了五千定金不退", "5000"),
        ("欠了二十六万", "260000"),
        ("修一回收了我千把块", "1000"),
        ("被骗走了一万出头", "10000"),
        ("罚了我三千块左右", "3000"),
        ("办张卡花了小两千", "2000"),
        ("看个病百十来块就没了", "100"),
        ("前后搭进去五万开外，钱要不回来", "50000"),
        ("退了12000元不到", "12000"),
    ],
)
def test_the_sum_of_the_matter(text: str, value: str, city: City) -> None:
    found = amount(readings(city, f"来电：{text}"))
    assert found is not None and found.value == value


def test_about_is_kept(city: City) -> None:
    found = amount(readings(city, "来电：五六万块钱打了水漂"))
    assert found is not None and found.label == "约50000元"
    found = amount(readings(city, "来电：修一回收了我千把块"))
    assert found is not None and found.label == "约1000元"


@pytest.mark.parametrize(
    "text",
    [
        "没几万人",
        "我住三栋二单元",
        "有一万个理由",
        "等了三个多小时",
        "来了千把人",
        "一百米左右的路都坏了",
        "住了小三千户",
        "等了小一千天",
        "排队的有五百上下",
    ],
)
def test_other_figures_are_no_money(city: City, text: str) -> None:
    assert amount(readings(city, f"来电：{text}")) is None
