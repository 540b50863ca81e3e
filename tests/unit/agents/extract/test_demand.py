"""What the caller wants done, by how he says it."""

from __future__ import annotations

import pytest

from agents.city import City
from agents.extract.narrative import clauses
from agents.extract.wish import demand
from tests.unit.agents.talk import readings


@pytest.mark.parametrize(
    ("lines", "kind", "wanted"),
    [
        (("来电：楼道灯灭了半拉月", "来电：叫师傅来把灯泡换上"), "help", "叫师傅来把灯泡换上"),
        (("来电：他家天天往沟里倒油", "来电：该封门就得封门"), "report", "该封门就得封门"),
        (("来电：电梯停了三天，光贴个条子", "来电：派个人去催催物业"), "complaint", "派个人去催催物业"),
        (("来电：我老娘的那个补贴断了", "来电：给指个能问的地方"), "consult", "给指个能问的地方"),
    ],
)
def test_an_order_without_a_doer_is_a_wish(city: City, lines: tuple[str, ...], kind: str, wanted: str) -> None:
    value = demand(clauses(readings(city, *lines), {}), kind, city.wishes)
    assert value is not None and value.value == wanted


@pytest.mark.parametrize("text", ["找的物业，人家不搭理", "上回给我登记过，后来没下文", "让我在门口等着"])
def test_what_was_done_already_is_no_wish(city: City, text: str) -> None:
    assert demand(clauses(readings(city, f"来电：{text}"), {}), "help", city.wishes) is None
