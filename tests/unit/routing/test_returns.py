"""How likely a ticket comes back: the past counts the more the more of it there is, and a thin one leans on what is above."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.returns import Returns, Sent

ODD = Sent("u-urban", "c-120101", "d-1", 20, 16)


def test_without_a_past_it_is_what_the_rules_expect() -> None:
    assert Returns().risk("u-urban", "c-120101", "d-1", 0.1) == pytest.approx(0.1)
    assert Returns().sentence("u-urban", "c-120101") == ""


def test_what_came_back_raises_it_and_what_stayed_lowers_it() -> None:
    calm = Sent("u-water", "c-050101", "d-2", 200, 0)
    past = Returns((ODD, calm))
    assert past.risk("u-urban", "c-120101", "d-1", 0.1) > 0.6
    assert past.risk("u-water", "c-050101", "d-2", 0.1) < 0.01


def test_one_return_is_no_rule() -> None:
    past = Returns((Sent("u", "c", "d", 1, 1),))
    assert past.risk("u", "c", "d", 0.1) < 0.4
    assert past.sentence("u", "c") == ""


def test_a_line_without_a_past_leans_on_its_unit_and_category() -> None:
    past = Returns((ODD,))
    same_category = past.risk("u-urban", "c-120101", "d-9", 0.1)
    same_unit = past.risk("u-urban", "c-999999", "d-9", 0.1)
    assert past.risk("u-urban", "c-120101", "d-1", 0.1) > same_category > same_unit > 0.1
    assert past.risk("u-other", "c-120101", "d-1", 0.1) == pytest.approx(0.1)


def test_people_are_told_in_figures() -> None:
    assert Returns((ODD,)).sentence("u-urban", "c-120101") == "同类工单派往该单位20件，退回或改派16件"


def test_more_back_than_sent_is_refused() -> None:
    with pytest.raises(ValueError, match="3 returned of 2 sent"):
        Returns((Sent("u", "c", "d", 2, 3),))


@given(st.integers(0, 500), st.integers(0, 500), st.floats(0.02, 0.95))
def test_it_stays_a_share(sent: int, back: int, expected: float) -> None:
    past = Returns((Sent("u", "c", "d", max(sent, back), min(sent, back)),))
    assert 0 <= past.risk("u", "c", "d", expected) <= 1
