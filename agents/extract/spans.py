"""How long, as callers count it: 个把月, 四个来月, 小一年, 两年多, 半拉月, 七八天, and how much time that is."""

from __future__ import annotations

import re
from datetime import timedelta

from agents.numerals import number

_DIGIT = "[一二两三四五六七八九]"
_COUNT = (
    rf"[0-9]{{1,3}}|{_DIGIT}?百(?:零?{_DIGIT}?十?{_DIGIT}?)|(?:好几|几|"
    rf"{_DIGIT}{{0,2}})十(?:{_DIGIT}{{1,2}}|好?几)?|{_DIGIT}{{1,2}}|"
    r"好几|几|数|若干|好些|好多|半"
)
_UNIT = r"分钟|小时|钟头|晚上|年头|季度|星期|礼拜|周|天|宿|夜|年"
_NEARLY = r"(?:小|大|快|多|足足|整整|将近|不到|差不多|大概|大约|约莫|估摸|近|少说|至少|不止|满)"
SPAN = (
    rf"(?:{_NEARLY}{{0,3}}(?:"
    rf"(?:{_COUNT})[多来几]?个?[多来几把半]?(?:{_UNIT})(?:半(?!夜)|多|把|来|出头|开外)?(?:零?(?:{_COUNT})个月)?"
    rf"|(?:{_COUNT})[多来几]?个[多来几把半]?月(?:半|多|出头)?|(?:半拉?|几|好几|两(?=月(?:了|多|没|"
    rf"有余)))月(?:多|出头)?"
    rf"|(?:俩仨|[俩仨])[多来半]?(?:{_UNIT}|月)(?:半|多|出头)?"
    rf"|个把(?:多)?(?:{_UNIT}|月)|[年月天]把(?=前|时间|了|没|，|。|$)))"
)
_WHOLE = re.compile(
    rf"(?P<near>{_NEARLY}{{0,3}})(?P<n>{_COUNT}|俩仨|[俩仨]|(?=个把)|"
    rf"(?=[年月天]把))(?P<mid>[多来几]?拉?个?[多来几把半]?多?)"
    rf"(?P<unit>{_UNIT}|月)(?P<tail>半|多|把|来|出头|开外)?(?:零?(?P<months>{_COUNT})个月)?"
)
_VAGUE = {"几": 3.0, "好几": 4.0, "数": 4.0, "若干": 4.0, "好些": 7.0, "好多": 7.0, "俩": 2.0, "仨": 3.0, "俩仨": 2.5}
_DAYS = {
    "天": 1,
    "宿": 1,
    "夜": 1,
    "晚上": 1,
    "周": 7,
    "星期": 7,
    "礼拜": 7,
    "月": 30,
    "季度": 91,
    "年": 365,
    "年头": 330,
}
SHORT = ("分钟", "小时", "钟头")  # units within a day


def measure(words: str) -> tuple[timedelta, str] | None:
    """How long a span of SPAN is, and the unit it is told in; None when the words are none."""
    match = _WHOLE.fullmatch(words)
    if match is None:
        return None
    near, mid, unit, tail = match["near"], match["mid"], match["unit"], match["tail"] or ""
    many = _count(match["n"])
    if match["n"] == "半":
        many = 0.65 if near.endswith(("大", "多")) else 0.45 if near.endswith("小") else 0.5
    elif "小" in near or "不到" in near:
        many *= 0.9
    if "半" in mid or tail == "半":
        many += 0.5
    elif any(c in mid + tail for c in ("多", "出头", "开外", "几")):
        many += 0.3 * many if many >= 10 or many < 1 else 0.5
    if unit in SHORT:
        return timedelta(minutes=many * (1 if unit == "分钟" else 60)), unit
    days = many * _DAYS[unit] + 30 * (_count(match["months"]) if match["months"] else 0)
    return timedelta(days=days if unit in ("天", "宿", "夜", "晚上") else round(days)), unit


def _count(words: str) -> float:
    """The least a count means: 七八 is seven, 十几 thirteen, 二三十 twenty, nothing (个把) one."""
    if words in _VAGUE or not words:
        return _VAGUE.get(words, 1.0)
    if "百" in words and "几" not in words:
        return 110.0 if words == "百十" else number(words if words[0] != "百" else "一" + words) or 100.0
    tens = re.fullmatch(rf"(好几|几|{_DIGIT}*)十({_DIGIT}*|好?几)", words)
    if tens is None:
        pair = len(words) == 2 and not words.isascii()
        return number(words[0] if pair else words) or 1.0  # 四五天: from four on
    head = _VAGUE.get(tens[1]) or (number(tens[1][0]) if tens[1] else 1.0) or 1.0
    rest = _VAGUE.get(tens[2]) or (number(tens[2][0]) if tens[2] else 0.0) or 0.0
    return head * 10 + rest
