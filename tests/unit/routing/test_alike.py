"""How alike two tellings are: by what they say of the matter, not by what every caller says."""

from __future__ import annotations

from routing.alike import novelty, overlap, shared

ONE = "你好，我想反映一下，金水湾小区三号楼电梯坏了，一直没有人来修"
AGAIN = "之前打过电话，金水湾小区三号楼的电梯坏了还是没有修"
OTHER = "你好，我想反映一下，金水湾小区门口夜市油烟太大，一直没有人管"


def test_the_same_matter_in_other_words_is_alike_and_another_is_not() -> None:
    assert overlap(ONE, AGAIN) > 0.6 > 0.45 > overlap(ONE, OTHER)
    assert overlap(ONE, AGAIN) == overlap(AGAIN, ONE)


def test_empty_phrases_make_nothing_alike() -> None:
    assert overlap("你好，我想反映一下，麻烦你们处理", "你好，我想反映一下，请尽快处理") == 0.0
    assert overlap("", ONE) == 0.0


def test_new_facts_are_news() -> None:
    assert novelty("昨天又困了一位老人，物业把电停了", ONE) > 0.8 > 0.4 > novelty("三号楼电梯坏了", ONE)
    assert novelty("", ONE) == 0.0


def test_the_longest_common_words_are_quoted() -> None:
    words = shared(ONE, AGAIN)
    assert words and "金水湾小区三号楼" in words[0] and all(w in ONE and w in AGAIN for w in words)
