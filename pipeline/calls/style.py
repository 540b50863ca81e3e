"""Made-up calls: how a caller talks: fillers, false starts, digits his way, with or without pauses to write down."""

from __future__ import annotations

import re
from random import Random

import msgspec

from pipeline.calls.words import Talk

_POINTS = re.compile(r"[，。？！、]")


class Style(msgspec.Struct, frozen=True):
    """One caller's manner."""

    row: str  # how digits are said: yao | yi | plain
    filled: float  # share of turns with a filler
    bare: bool  # the ear wrote no punctuation

    @classmethod
    def draw(cls, rng: Random) -> Style:
        """Any manner."""
        return cls(
            row=rng.choice(("yao", "yao", "yi", "plain")),
            filled=rng.choice((0.0, 0.2, 0.5)),
            bare=rng.random() < 0.3,
        )

    def dress(self, text: str, talk: Talk, rng: Random) -> str:
        """A turn in this manner. Words of the turn stay together."""
        if rng.random() < self.filled:
            text = rng.choice(talk.fillers) + text
        if rng.random() < self.filled / 2 and "，" in text[:-1]:
            at = text.index("，") + 1
            text = text[:at] + rng.choice(talk.fillers) + text[at:]
        return self.plain(text)

    def plain(self, text: str) -> str:
        """As the ear would write it."""
        return _POINTS.sub("", text) if self.bare else text
