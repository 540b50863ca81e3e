"""Beside the rules of understanding: what models learnt from marked lessons share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from agents.lessons import Marked, lessons
from routing.danger import SMALL_TALK
from routing.person import KEPT, of_himself, standard, without_sex

FOLDS = 3  # parts the lessons are cut into, each judged by models that never saw it
_MARKS = re.compile("[《》【】]")
_FILLER = re.compile(
    r"(?:[嗯呃额唉诶欸]+|哎呀|怎么说呢|其实(?:呢|吧)?|反正(?:呢|吧)?|然后呢|这个这个|那个那个|就是说|就是呢"
    r"|(?:我跟[你您]说|等一?下)啊?|不是那个|(?<=[，,])那个(?=[，,])|^那个(?=[，,]))[，,]?"
)
_DIGITS = re.compile(r"(?!12345(?![0-9]))[0-9]+")


@lru_cache(maxsize=KEPT)
def plain(text: str) -> str:
    """What a model reads: who speaks, how haltingly, and in which dialect, tells nothing of what he says.

    Positions do not stay."""
    for start, end in reversed(of_himself(text)):
        text = text[:start] + text[end:]
    return _DIGITS.sub("0", _FILLER.sub("", without_sex(standard(text)))).strip("，。！？,.!? ")


def story_lines(apart: Sequence[str] = ()) -> list[str]:
    """What callers say of their matters and between them, those lines `apart` left out."""
    told = [
        _MARKS.sub("", line) for name in ("wish", "respondent") for one in lessons(name, Marked) for line in one.lines
    ]
    left = set(apart)
    return [text for text in dict.fromkeys((*told, *SMALL_TALK)) if text not in left]


def together(rows: int, block: int = 10) -> NDArray[np.int64]:
    """The fold of each row: neighbours, often written as a pair, stay in one."""
    return np.arange(rows) // block % FOLDS


def over_all_but(margins: NDArray[np.float32], share: float) -> float:
    """The margin that no more than `share` of these pass."""
    return float(np.sort(margins)[max(0, min(len(margins) - 1, int(len(margins) * (1 - share))))])


def least_sure(verdicts: Sequence[tuple[float, bool]], wrong: float) -> float:
    """The least margin from which on no more than `wrong` of the verdicts are wrong."""
    least, failed = float("inf"), 0
    for n, (margin, right) in enumerate(sorted(verdicts, reverse=True), 1):
        failed += not right
        if failed <= wrong * n:
            least = margin
    return least
