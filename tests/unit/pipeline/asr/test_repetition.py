from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.asr.repetition import collapse, fits, said


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("对对对", 0.6),
        ("对对对对对对", 1.2),
        ("好好好好，知道了", 1.0),
        ("嗯嗯嗯嗯嗯", 1.5),
        ("啊对对对就是那个工地", 1.5),
        ("谢谢谢谢谢谢谢谢", 1.2),
        ("一三八八八八八八八八八", 2.0),
        ("我的号码是一三八八八八八八八八八", 2.5),
        ("13888888888", 1.6),
        ("13888888888", 0.5),
        ("00000000", 0.3),
        ("一百万零零零零零零零", 0.4),
        ("哈哈哈哈哈哈哈哈哈哈哈哈", 1.5),
        ("天天吵天天吵天天吵天天吵，谁受得了", 3.0),
        ("喂喂喂喂喂，听得到吗", 1.5),
        ("漏水漏水漏水漏水", 1.0),
        ("", 0.0),
    ],
)
def test_what_people_do_say_is_left_alone(text: str, seconds: float) -> None:
    assert collapse(text, seconds) == (text, False)


def test_a_loop_is_shortened_to_what_the_sound_can_hold_and_its_surroundings_stay() -> None:
    text, changed = collapse("我要投诉" + "工地施工" * 30 + "谢谢", 3.0)
    assert changed
    assert text.startswith("我要投诉工地施工")
    assert text.endswith("谢谢")
    assert fits(text, 3.0)


def test_all_loops_give_way_when_one_is_not_enough() -> None:
    text, changed = collapse("啊" * 40 + "那个" + "是吗" * 40 + "好", 1.0)
    assert changed
    assert "那个" in text
    assert text.endswith("好")
    assert fits(text, 1.0)


def test_text_that_is_too_long_without_a_loop_is_not_cut() -> None:
    text = "今天下午三点左右在人民路和建设路交叉口发生了一起交通事故"
    assert collapse(text, 0.5) == (text, False)


def test_an_endless_number_is_a_loop_after_all() -> None:
    text, changed = collapse("号码是" + "八" * 60, 2.0)
    assert changed
    assert text.startswith("号码是八")
    assert said(text) < 30


def test_loops_with_marks_between_are_loops() -> None:
    text, changed = collapse("谢谢，" * 25, 2.0)
    assert changed
    assert text.startswith("谢谢，谢谢，")


@given(st.text(alphabet="啊对八1，a ", max_size=60), st.floats(0, 10))
def test_nothing_but_repeats_is_ever_removed(text: str, seconds: float) -> None:
    shorter, changed = collapse(text, seconds)
    assert changed == (shorter != text)
    assert set(shorter) == set(text)
    if fits(text, seconds):
        assert shorter == text
