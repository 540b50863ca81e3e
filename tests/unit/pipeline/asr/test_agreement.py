from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.asr.agreement import Agreement, reconcile


def after(*readings: str) -> Agreement:
    agreement = Agreement()
    for reading in readings:
        agreement.update(reading)
    return agreement


def test_one_reading_alone_is_unstable() -> None:
    heard = after("我要投诉")
    assert (heard.stable, heard.unstable) == ("", "我要投诉")


def test_what_two_readings_share_becomes_stable_character_by_character() -> None:
    heard = after("我要投诉公", "我要投诉工地")
    assert (heard.stable, heard.unstable) == ("我要投诉", "工地")


def test_stable_text_is_never_taken_back() -> None:
    heard = after("我要投诉工地", "我要投诉工地", "我要投宿工地晚上施工", "我要投宿工地晚上施工")
    assert heard.stable == "我要投诉工地晚上施工"


def test_a_flip_of_punctuation_blocks_nothing() -> None:
    heard = after("你好，我要投诉", "你好我要投诉。晚上", "你好。我要投诉，晚上吵")
    assert heard.stable == "你好我要投诉，晚上"
    assert heard.unstable == "吵"


def test_digits_written_either_way_agree() -> None:
    heard = after("电话一三八", "电话138零零")
    assert heard.stable == "电话138"


def test_a_reading_that_lost_its_beginning_does_not_repeat_the_stable_text() -> None:
    heard = after("喂你好我要反映", "喂你好我要反映", "你好我要反映一个问题", "你好我要反映一个问题")
    assert heard.stable == "喂你好我要反映一个问题"


def test_a_shorter_reading_leaves_the_stable_text_standing() -> None:
    heard = after("我要反映一个问题", "我要反映一个问题", "我要")
    assert heard.stable == "我要反映一个问题"
    assert heard.unstable == ""


def test_update_says_whether_anything_shown_changed() -> None:
    agreement = Agreement()
    assert agreement.update("你好")
    assert agreement.update("你好")
    assert not agreement.update("你好")


TALK = st.lists(st.text(alphabet="我要投诉工地吵，。1一a", max_size=20), max_size=12)


@given(TALK)
def test_the_stable_text_only_grows(readings: list[str]) -> None:
    agreement, before = Agreement(), ""
    for reading in readings:
        agreement.update(reading)
        assert agreement.stable.startswith(before)
        before = agreement.stable


@given(st.text(alphabet="我要投诉工地吵，。1一a", max_size=30))
def test_the_same_reading_three_times_is_all_stable_but_for_marks(reading: str) -> None:
    heard = after(reading, reading, reading)
    assert heard.text == reading
    assert not any(char.isalnum() for char in heard.unstable)


def test_the_final_replaces_what_was_shown() -> None:
    heard = after("我要投宿工地", "我要投宿工地")
    assert reconcile("我要投诉工地晚上施工", False, heard) == ("我要投诉工地晚上施工", False)


def test_a_final_that_breaks_off_gives_way_to_what_was_shown() -> None:
    heard = after("我要投诉工地晚上", "我要投诉工地晚上施", "我要投诉工地晚上施工")
    assert reconcile("我要投诉", False, heard) == ("我要投诉工地晚上施工", True)
    assert reconcile("", False, heard) == ("我要投诉工地晚上施工", True)


def test_a_final_that_went_in_circles_gives_way_unless_it_holds_what_was_shown() -> None:
    heard = after("我要投诉工地", "我要投诉工地")
    assert reconcile("谢谢谢谢谢谢谢谢", True, heard) == ("我要投诉工地", True)
    assert reconcile("我要投诉工地吵吵吵吵", True, heard) == ("我要投诉工地吵吵吵吵", False)


def test_without_stable_text_the_final_stands() -> None:
    assert reconcile("", False, after("嗯")) == ("", False)
    assert reconcile("好", False, Agreement()) == ("好", False)
