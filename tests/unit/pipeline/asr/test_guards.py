from __future__ import annotations

import pytest

from pipeline.asr.guards import better, guarded, looks_wrong
from pipeline.asr.readings import Reading


def reading(text: str, logprob: float = -0.2, no_speech: float = 0.02) -> Reading:
    return Reading(text=text, logprob=logprob, no_speech=no_speech)


def text_of(read: Reading, seconds: float = 5.0, certainty: float = 0.9) -> str:
    return guarded(read, seconds, certainty).text


def test_ordinary_speech_passes_and_keeps_what_was_read() -> None:
    heard = guarded(reading("我要投訴工地"), 3.0, 0.9)
    assert (heard.text, heard.raw, heard.flags) == ("我要投诉工地", "我要投訴工地", ())


@pytest.mark.parametrize(
    "imagined",
    [
        reading("谢谢大家", logprob=-1.1, no_speech=0.7),
        reading("嗯", logprob=-0.6, no_speech=0.95),
        reading("你好", logprob=-1.0, no_speech=0.1),
    ],
)
def test_text_from_silence_is_refused(imagined: Reading) -> None:
    heard = guarded(imagined, 3.0, 0.5)
    assert heard.text == ""
    assert heard.flags == ("silence",)


def test_a_clear_word_of_a_soft_voice_passes() -> None:
    assert text_of(reading("喂", logprob=-0.5, no_speech=0.5), 0.6, 0.8) == "喂"
    assert text_of(reading("对", logprob=-0.3, no_speech=0.7), 0.5, 0.9) == "对"


@pytest.mark.parametrize(
    "credit",
    [
        "字幕by索兰娅",
        "请不吝点赞 订阅 转发 打赏支持明镜与点点栏目",
        "谢谢观看",
        "中文字幕志愿者 李宗盛",
        "作词：李宗盛",
    ],
)
def test_film_credits_are_refused(credit: str) -> None:
    assert text_of(reading(credit)) == ""


@pytest.mark.parametrize(
    "said",
    [
        "谢谢",
        "谢谢你啊",
        "我孩子学作曲的老师不退钱",
        "感谢你们的帮助",
        "电视上的字幕太小了老人看不清能不能反映一下",
        "我们组的人",
    ],
)
def test_what_callers_say_is_no_credit(said: str) -> None:
    assert text_of(reading(said)) == said


def test_a_loop_is_shortened_and_flagged() -> None:
    heard = guarded(reading("好的" * 60), 2.0, 0.9)
    assert heard.flags == ("repetition",)
    assert len(heard.text) < 30


@pytest.mark.parametrize("text", ["对对对", "好好好", "一三八八八八八八八八八", "13888888888"])
def test_short_answers_and_numbers_survive(text: str) -> None:
    assert text_of(reading(text), 1.2) == text


def test_marks_alone_are_nothing() -> None:
    assert text_of(reading("。。。")) == ""
    assert text_of(reading("")) == ""


def test_half_characters_never_pass() -> None:
    assert "\ufffd" not in text_of(reading("工地\ufffd\ufffd吵"))


def test_a_reading_is_doubted_when_unsure_or_too_long_for_its_sound() -> None:
    assert looks_wrong(reading("你好", logprob=-1.3), 2.0, -1.0)
    assert looks_wrong(reading("谢谢" * 40), 2.0, -1.0)
    assert not looks_wrong(reading("你好"), 2.0, -1.0)
    assert not looks_wrong(reading("", logprob=-2.0), 2.0, -1.0)


def test_of_two_readings_the_possible_one_wins_then_the_surer() -> None:
    loop, plain, sure = (
        reading("谢谢" * 40, logprob=-0.01),
        reading("谢谢", logprob=-0.9),
        reading("您好", logprob=-0.3),
    )
    assert better(loop, plain, 2.0) is plain
    assert better(plain, sure, 2.0) is sure
