"""Scoring: what counts as an error of the ear, and what does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.asr.scoring import edits, score, spoken

TEXT = st.text(alphabet="停水两天了一二三", max_size=12)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("幺三八零零幺三八零零零", "13800138000"),
        ("停水了，怎么办？", "停水了怎么办"),
        ("二十号楼三单元", "20号楼3单元"),
        ("拨打一二三四五", "拨打12345"),
        ("一千零五十块", "1050块"),
        ("百分之二十", "20%"),
        ("三点五万", "3.5万"),
        ("十二栋", "12栋"),
        ("開門", "开门"),
        ("两百块", "二百块"),
        ("ＡＢＣ", "abc"),
    ],
)
def test_two_ways_of_writing_the_same_words_are_no_error(one: str, other: str) -> None:
    assert spoken(one) == spoken(other)


def test_a_long_number_is_read_digit_by_digit_and_a_short_one_as_a_number() -> None:
    assert spoken("110") == "一百一十"
    assert spoken("13905") == "一三九零五"
    assert spoken("0588") == "零五八八"


@given(TEXT, TEXT)
def test_edits_are_a_distance(one: str, other: str) -> None:
    assert edits(one, other) == edits(other, one)
    assert (edits(one, other) == 0) == (one == other)
    assert edits(one, other) <= max(len(one), len(other))


def test_the_rate_is_pooled_over_characters_not_averaged_over_recordings() -> None:
    found = score([("停水", "停电"), ("一二三四五六七八", "一二三四五六七八")])
    assert (found.cer, found.characters, found.recordings) == (0.1, 10, 2)


def test_text_that_was_not_said_counts_as_errors() -> None:
    assert score([("好", "好好好")]).cer == 2.0


def test_digit_strings_count_only_when_exact() -> None:
    assert score([("电话幺三九零五", "电话13905"), ("尾号零二一六", "尾号零二一七")]).digits_right == 0.5


def test_nothing_to_compare_with_is_an_error() -> None:
    with pytest.raises(ValueError, match="no reference"):
        score([("，", "好")])
