"""Numbers told in groups and mended on the way come out as meant, whatever the digits; times begin in their span."""

from __future__ import annotations

from datetime import datetime
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.city import City
from agents.extract.phone import contact_phone
from agents.extract.when import whens
from pipeline.calls.figures import digits, phone_slots
from pipeline.calls.times import began
from tests.city import the_city
from tests.unit.agents.talk import readings

MOBILE = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
ROW = st.sampled_from(["yao", "yi", "plain"])
WAYS = (
    ("{p3}{p4}{q4}",),
    ("{p3}", "{p4}", "{q4}"),
    ("{p3}，{p4}，{q4}",),
    ("{p3}{w4}，不对，{p4}，{q4}",),
    ("{p3}{w4}{q4}，哎说错了，{p3}{p4}{q4}",),
    ("{p3}{w4}{q4}", "中间四位是{p4}"),
    ("{p3}{p4}{wq4}", "后四位不对，是{q4}"),
    ("{drop}", "后面再加一个{lastd}"),
)


@pytest.fixture(scope="module")
def city() -> City:
    return the_city()


@settings(max_examples=60, deadline=None)
@given(number=MOBILE, row=ROW, way=st.sampled_from(WAYS), seed=st.integers(0, 99))
def test_a_number_comes_out_as_meant_however_it_is_told(number: str, row: str, way: tuple[str, ...], seed: int) -> None:
    slots = phone_slots(number, "6123456", row, Random(seed))
    lines = ["坐席：请问您的联系电话是多少", *(f"来电：{part.format_map(slots)}" for part in way)]
    value = contact_phone(readings(the_city(), *lines), "", "0588")
    assert value is not None and value.value == number


@settings(max_examples=40, deadline=None)
@given(number=MOBILE, row=ROW)
def test_other_numbers_of_a_call_are_no_telephone_number(number: str, row: str) -> None:
    lines = [
        "来电：你好是12345吗，我家在五栋二单元三零一",
        "坐席：请留个电话",
        f"来电：{digits(number, row)}",
        "来电：东西一样没少",
    ]
    value = contact_phone(readings(the_city(), *lines), "", "0588")
    assert value is not None and value.value == number


@settings(max_examples=120, deadline=None)
@given(seed=st.integers(0, 10_000), split=st.sampled_from(["tune", "test"]))
def test_a_time_begins_where_its_words_say(seed: int, split: str) -> None:
    now = datetime(2026, 6, 17, 15, 20)
    words, first, last = began(now, split, Random(seed))  # type: ignore[arg-type]
    found = [w for w in whens(f"从{words}开始的", now) if w.begins is not None]
    assert found, words
    begins = max(found, key=lambda w: w.weight).begins
    assert begins is not None and first <= begins <= last, (words, begins)
