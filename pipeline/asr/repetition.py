"""Repetition guard: text that goes round in circles faster than anyone can speak, told from 对对对 and phone digits."""

from __future__ import annotations

import re

FASTEST = 9.0  # characters a second a hurried speaker reaches
SPARE = 4  # characters any window may hold beyond that: times are rough
LONGEST_NUMBER = 24  # digits nobody's number exceeds
_LONGEST_UNIT = 24  # characters of a repeated phrase
_LEAST_REPEATS = 4

_SAID = re.compile(r"[^\W_]")
_LOOP = re.compile(rf"(.{{1,{_LONGEST_UNIT}}}?)\1{{{_LEAST_REPEATS - 1},}}", re.DOTALL)
_DIGITS = re.compile(r"[0-9零〇一二三四五六七八九幺两十百千万亿\s,，.\-]+")


def said(text: str) -> int:
    """Characters that are spoken: letters, digits and Han, no punctuation."""
    return len(_SAID.findall(text))


def fits(text: str, seconds: float) -> bool:
    """Whether a mouth could have said this in the time."""
    return said(text) <= FASTEST * seconds + SPARE


def collapse(text: str, seconds: float) -> tuple[str, bool]:
    """The text with impossible repeats shortened to what the sound can hold, and whether that was needed.

    Text that fits its sound is left alone, however often it repeats, and so is a number of ordinary length. What stands
    before and after a loop is never cut; of several loops the longest gives way first.
    """
    whole = text
    while not fits(text, seconds):
        runs = [run for run in _LOOP.finditer(text) if not _is_number(run)]
        if not runs:
            break
        run = max(runs, key=lambda run: run.end() - run.start())
        unit = run[1]
        over = said(text) - int(FASTEST * seconds + SPARE)
        repeats = len(run[0]) // len(unit)
        kept = max(1, repeats - -(-over // max(1, said(unit))))
        text = text[: run.start()] + unit * kept + text[run.end() :]
    return text, text != whole


def _is_number(run: re.Match[str]) -> bool:
    return _DIGITS.fullmatch(run[0]) is not None and said(run[0]) <= LONGEST_NUMBER
