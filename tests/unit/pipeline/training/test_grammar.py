"""The sentences of the training set: readable, spoken as labelled, and cleanly split from the held-out ones."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import routing
from pipeline.asr.training import spoken
from pipeline.asr.training.grammar import Grammar
from pipeline.asr.training.synth import HELD_OUT_SHARES, SHARES, draw_sentence
from pipeline.voices.styles import HELD_OUT, MANDARIN, TRAINED, draw_speaker

CITY = Path(routing.__file__).parent / "cities" / "yunlan"


@pytest.fixture(scope="module")
def grammar() -> Grammar:
    return Grammar.load(CITY)


def test_labels_hold_nothing_but_characters_and_plain_marks(grammar: Grammar) -> None:
    rng = np.random.default_rng(1)
    for _ in range(400):
        text = draw_sentence(grammar, rng, SHARES, held_out=False).text
        assert re.fullmatch(r"[一-鿿，。？！A-Z]+", text), text
        assert "，，" not in text and "{" not in text


def test_no_held_out_sentence_is_ever_drawn_for_training(grammar: Grammar) -> None:
    rng = np.random.default_rng(2)
    trained = {(s.key, s.text) for s in (draw_sentence(grammar, rng, SHARES, held_out=False) for _ in range(400))}
    unseen = [draw_sentence(grammar, rng, HELD_OUT_SHARES, held_out=True) for _ in range(60)]
    assert not {sentence.key for sentence in unseen} & {key for key, _ in trained}
    assert len({sentence.text for sentence in unseen}) > 50


def test_the_same_seed_speaks_the_same_sentences(grammar: Grammar) -> None:
    first, second = (
        [draw_sentence(grammar, np.random.default_rng((9, n)), SHARES, False).text for n in range(20)] for _ in range(2)
    )
    assert first == second


def test_the_two_measuring_voices_are_in_no_speaker_that_is_trained_on() -> None:
    rng = np.random.default_rng(3)
    used = {name for _ in range(500) for name, _ in draw_speaker(rng, ["af_heart", "bm_lewis"]).parts}
    assert not used & set(HELD_OUT)
    assert used == set(TRAINED) | {"af_heart", "bm_lewis"}
    assert set(TRAINED) | set(HELD_OUT) == set(MANDARIN)


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "零"), (7, "七"), (10, "十"), (12, "十二"), (20, "二十"), (105, "一百零五"), (200, "两百"), (350, "三百五十"),
     (1003, "一千零三"), (2500, "两千五百"), (10_050, "一万零五十"), (25_000, "两万五千"), (120_000, "十二万")],
)  # fmt: skip
def test_numbers_are_said_as_people_say_them(value: int, said: str) -> None:
    assert spoken.number(value) == said


def test_a_mobile_number_keeps_its_eleven_digits_however_it_is_grouped() -> None:
    rng = np.random.default_rng(4)
    for _ in range(50):
        value = spoken.mobile(rng)
        said = spoken.said_mobile(rng, value).replace("，", "").replace("幺", "一")
        assert "".join(str("零一二三四五六七八九".index(char)) for char in said) == value
