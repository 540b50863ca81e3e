"""For how many a caller speaks."""

from __future__ import annotations

import pytest

from agents.city import City
from agents.extract.crowd import is_group
from tests.unit.agents.talk import readings


@pytest.mark.parametrize("text", ["我们小区的人都没水", "我们十二个人的工钱", "群里有三十多个家长", "整栋楼都没电"])
def test_many_are_noted(city: City, text: str) -> None:
    value = is_group(readings(city, f"来电：{text}"))
    assert value is not None and value.value == "yes"


def test_one_caller_is_no_group(city: City) -> None:
    assert is_group(readings(city, "来电：我家没水了")) is None
