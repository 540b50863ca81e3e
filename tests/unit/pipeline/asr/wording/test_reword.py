"""Words for what was heard: what sounds alike is decided by the words around it, what was heard clearly stays."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

from pipeline.asr.wording.counts import lexicon_of
from pipeline.asr.wording.reword import Rewording
from pipeline.asr.wording.spelling import Heard, Spelling

TEXTS = [
    "公园的健身器材坏了", "小区健身器材没人修", "加油站缺斤少两", "我要投诉加油站", "听松社区的路灯不亮", "望岳区听松社区", "清溪村的路",
    "短视频里买的羽绒服拿到是棉的", "驾驶证到期了怎么换", "请马上派人来", "我在青溪街道",
]  # fmt: skip
NAMES = ["听松社区", "望岳区", "青溪街道", "清溪村"]


PAIRS = ["社区", "的路"]  # written as one token each


@cache
def tokenizer() -> Tokenizer:
    """A small byte-level vocabulary: the characters of the texts but one are whole, two pairs are too."""
    signs = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    vocabulary = {sign: n for n, sign in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    merges: list[tuple[str, str]] = []

    def whole(parts: list[str]) -> None:
        for n in range(1, len(parts)):
            merge = ("".join(parts[:n]), parts[n])
            if merge not in merges:
                merges.append(merge)
                vocabulary.setdefault("".join(merge), len(vocabulary))

    def spelt(text: str) -> str:
        return signs.pre_tokenize_str(text)[0][0]

    for sign in sorted({*"".join(TEXTS), *"才去几风骑"} - {"器"}):
        whole(list(spelt(sign)))
    for pair in PAIRS:
        whole([spelt(pair[0]), spelt(pair[1])])
    made = Tokenizer(models.BPE(vocabulary, merges))
    made.pre_tokenizer = signs
    return made


@cache
def spelling() -> Spelling:
    return Spelling(tokenizer())


@cache
def rewording() -> Rewording:
    return Rewording(lexicon_of(TEXTS, NAMES))


def heard(text: str, sure: float = 3.0, nearly: Iterable[tuple[int, str]] = ()) -> Heard:
    """A reading in which every other token was `sure` less likely; `nearly` as likely as what was written."""
    tokens = tokenizer().encode(text).ids
    logits = np.zeros((len(tokens), tokenizer().get_vocab_size()), np.float32)
    for n, token in enumerate(tokens):
        logits[n, token] = sure
    for n, sign in nearly:
        logits[n, tokenizer().encode(sign).ids[0]] = sure
    return Heard(spelling(), tokens, logits)


@pytest.mark.parametrize(
    ("wrote", "meant"),
    [
        ("公园的健身器才坏了", "公园的健身器材坏了"),
        ("驾驶证到骑了怎么换", "驾驶证到期了怎么换"),
        ("我在清溪街道", "我在青溪街道"),
        ("青溪村的路", "清溪村的路"),
    ],
)
def test_characters_that_sound_alike_are_chosen_by_the_words_around_them(wrote: str, meant: str) -> None:
    assert rewording().best(heard(wrote)) == meant


def test_a_word_the_model_nearly_wrote_is_taken_whatever_it_sounds_like() -> None:
    wrote = "望岳区听风社区"
    near = heard(wrote, nearly=[(4, "松")])
    assert rewording().best(near) == "望岳区听松社区"
    assert rewording().best(heard(wrote)) == wrote


def test_another_sound_is_not_taken_where_the_model_was_sure() -> None:
    assert rewording().best(heard("短视频里买的羽翁服", sure=8.0)) == "短视频里买的羽翁服"
    assert rewording().best(heard("加油站去几少两", sure=8.0)) == "加油站去几少两"


def test_what_is_no_chinese_character_stays_where_it_is() -> None:
    assert rewording().best(heard("，ab12。健身器才！ x")) == "，ab12。健身器材！ x"


def test_nothing_heard_is_nothing_said() -> None:
    assert rewording().best(heard("")) == ""


def test_a_text_that_breaks_off_within_a_character_is_refused() -> None:
    tokens = tokenizer().encode("好").ids
    broken = [number for number in range(tokenizer().get_vocab_size()) if spelling().raw(number) == b"\xe5"]
    with pytest.raises(UnicodeDecodeError):
        Heard(spelling(), [*tokens, broken[0]], np.zeros((len(tokens) + 1, tokenizer().get_vocab_size())))


@settings(deadline=None)
@given(st.text(alphabet="健身器材才坏了去几斤少两听风松社区到骑期，。a1 驙", max_size=24), st.floats(0, 20))
def test_no_character_is_added_or_lost(text: str, sure: float) -> None:
    said = rewording().best(heard(text, sure))
    assert len(said) == len(text)
    assert [c for c in said if not "一" <= c <= "鿿"] == [c for c in text if not "一" <= c <= "鿿"]


@settings(deadline=None)
@given(st.text(alphabet="健身器材公园的坏了清溪村路灯，。a1 驙🙂", min_size=1, max_size=16), st.data())
def test_a_character_costs_nothing_where_it_was_written(text: str, data: st.DataObject) -> None:
    reading = heard(text)
    place = data.draw(st.integers(0, len(text) - 1))
    assert reading.text == text
    assert reading.cost(place, text[place]) == 0.0
