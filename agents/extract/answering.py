"""Lines in which the caller only answers who he is: name, number, whether to keep them. No words of a ticket."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.extract import number_words
from agents.extract.names import ASKED, ASKED_OTHER, name_in
from agents.reading import Reading

NEAR = 2  # lines after the question in which it is answered
SHORT = 28  # characters; who says more tells something beside
NAME = 16
_KEPT = re.compile(r"保密|匿名|实名|公开|透露|遮|隐去|不让.{0,6}知道")
_NUMBER = re.compile(
    r"号|电话|手机|显示|看得(?:见|到)|打(?:过|进)?来的|回拨|记(?:一)?下|[0-9零一二三四五六七八九幺]{3}"
)


def of_the_matter(readings: Sequence[Reading]) -> list[Reading]:
    """The lines without those answers."""
    kept: list[Reading] = []
    name = number = secret = -99  # where the agent last asked for it
    for reading in readings:
        line = reading.line
        if not line.caller:
            asks = reading.once(_asks)
            name, number, secret = (
                line.at if now else was for now, was in zip(asks, (name, number, secret), strict=True)
            )
            kept.append(reading)
            continue
        tells = len(line.text) > SHORT or (reading.category is not None and bool(reading.category.hits))
        if tells or not (
            (line.at - name <= NEAR and len(line.text) <= NAME and reading.once(_names))
            or (line.at - number <= NEAR and reading.once(_numbers))
            or (line.at - secret <= NEAR and len(line.text) <= NAME)
        ):
            kept.append(reading)
    return kept


def _asks(text: str) -> tuple[bool, bool, bool]:
    """Whether the agent asks for the caller's name, his number, whether to keep them."""
    secret = _KEPT.search(text) is not None
    return (
        not secret and ASKED.search(text) is not None and ASKED_OTHER.search(text) is None,
        not secret and number_words.ASK.search(text) is not None and number_words.ASK_OTHER.search(text) is None,
        secret,
    )


def _names(text: str) -> bool:
    return name_in(text, asked=True) is not None


def _numbers(text: str) -> bool:
    return _NUMBER.search(text) is not None
