"""The caller's feeling: by his words alone, with denials, others' feelings and thanks told apart, and a course."""

from __future__ import annotations

import pytest

from agents.feeling import POINTS, emotion, feeling, felt
from agents.lines import Line
from agents.reading import Reading


def told(*texts: str) -> list[Reading]:
    """Lines of a caller; one that begins with > is the agent's."""
    return [
        Reading(Line(i, f"u{i}", "agent" if t[0] == ">" else "caller", t.lstrip(">"), float(i), t[0] != ">"))
        for i, t in enumerate(texts)
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("你们到底管不管啊", "angry"),
        ("真的忍无可忍了", "angry"),
        ("打了多少遍电话都没人理", "upset"),
        ("我快急死了", "anxious"),
        ("我真的不想活了", "sad"),
        ("特别感谢那个小姑娘", "pleased"),
        ("路灯不亮了", ""),
        ("我也不是不满意", ""),
        ("没什么好生气的", ""),
        ("老板说他很生气", ""),  # his, not the caller's
        ("孩子不满十八岁", ""),
        ("您别着急", ""),
    ],
)
def test_a_feeling_is_named_by_its_words(text: str, kind: str) -> None:
    assert felt(text).kind == kind


def test_strong_words_weigh_more_and_mild_ones_less() -> None:
    assert felt("我实在受不了").value < felt("我受不了").value < felt("我有点失望").value < 0


def test_the_course_goes_up_and_comes_down_again() -> None:
    lines = told(
        "我反映一个事情",
        "我们楼下施工",
        "打了多少遍电话到底管不管太过分了",
        ">我马上给您登记",
        "嗯",
        "好的",
        "那就这样吧谢谢",
    )
    found = feeling(lines)
    assert found is not None
    assert found.trend == "easing"
    assert found.text == "起初平静，后来激动，现已缓和"
    assert found.now == "calm"
    assert len(found.course) == 6  # the caller's lines only
    assert min(found.course) == found.course[2] < found.course[-1]
    peak = found.peaks[0]
    assert lines[2].line.text[peak.start : peak.end] == peak.text


def test_nobody_spoke_yet() -> None:
    assert feeling(told(">您好请讲")) is None
    assert emotion(told(">您好请讲")) is None


def test_the_agent_s_words_are_nobody_s_feeling() -> None:
    found = feeling(told(">您太过分了气死我了", "我们小区停水了"))
    assert found is not None and found.now == "calm" and not found.peaks


def test_the_field_says_how_it_was_found_and_shows_the_words() -> None:
    field = emotion(told("我们小区停水了", "你们到底管不管"))
    assert field is not None
    assert (field.value, field.label) == ("angry", "激动")
    assert field.evidence[0].text == "到底管不管"
    assert "未用声音" in field.note


def test_calm_is_claimed_only_after_some_lines() -> None:
    assert emotion(told("着火了")) is None
    calm = emotion(told("我们小区停水了", "云杉小区的", "昨天开始", "对的"))
    assert calm is not None and calm.value == "calm" and calm.confidence <= 0.5


def test_thanks_at_the_end_do_not_make_a_complaint_content() -> None:
    field = emotion(told("没人管太气人了", "好的谢谢麻烦你了"))
    assert field is not None and field.value == "angry"


def test_a_long_call_keeps_a_bounded_course_with_its_worst_moment() -> None:
    lines = told(*(["路灯不亮"] * 300 + ["太过分了气死人了"] + ["嗯"] * 300))
    found = feeling(lines)
    assert found is not None
    assert len(found.course) == POINTS
    assert min(found.course) <= -0.9
