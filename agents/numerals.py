"""Numbers as callers say them: digit by digit (幺三八), counted (八千五百), or as the ear wrote them (138)."""

from __future__ import annotations

import re

import cn2an

# Digits said one by one; the last row is what a speech model writes for 幺 between digits.
DIGITS = {
    **{c: str(i) for i, c in enumerate("零一二三四五六七八九")},
    **{c: c for c in "0123456789"},
    **{chr(0xFF10 + i): str(i) for i in range(10)},
    "〇": "0", "洞": "0", "两": "2", "幺": "1", "妖": "1", "腰": "1", "夭": "1", "要": "1", "拐": "7", "勾": "9",
}  # fmt: skip
CERTAIN = "零一二三四五六七八九0123456789〇幺两０１２３４５６７８９"  # a run begins and ends with one of these
COUNTED = re.compile(r"[0-9０-９.]+[万千百亿]*|[零一二三四五六七八九十百千万亿两半]+")


def digits_of(text: str) -> str:
    """The digits in a run of spoken digits; everything else is dropped."""
    return "".join(DIGITS[c] for c in text if c in DIGITS)


def number(text: str) -> float | None:
    """Value of a spoken number: 八千五 = 8500, 三万六 = 36000, 一百二 = 120, 五零一 = 501; None when it is none."""
    text = text.strip().replace("两", "二").replace("〇", "零")
    if not text or text == "半":
        return 0.5 if text else None
    if all(c in DIGITS for c in text) and len(text) > 1:
        return float(digits_of(text))
    try:
        return float(cn2an.cn2an(text, "smart"))
    except (ValueError, KeyError, IndexError):
        return None


def plain(value: float) -> str:
    """A number without a useless fraction."""
    return str(int(value)) if value == int(value) else f"{value:g}"
