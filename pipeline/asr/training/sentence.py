"""The ear's school, first step: what one spoken sentence of the training set is."""

from __future__ import annotations

import hashlib
from typing import Literal

import msgspec

Kind = Literal["hotline", "agent", "entity", "short", "words", "prose"]

HELD_OUT_SHARE = 12  # one combination in so many is never trained on


class Sentence(msgspec.Struct, frozen=True):
    """A text to be spoken and transcribed as it stands: simplified Chinese, numbers in spoken form."""

    text: str
    kind: Kind
    key: str  # names the combination of templates the text was made from

    @property
    def held_out(self) -> bool:
        return is_held_out(self.key)


def is_held_out(key: str) -> bool:
    """Decides by the combination, not by the words filled in, so that no near-twin of a test sentence is trained on."""
    return hashlib.sha256(key.encode()).digest()[0] % HELD_OUT_SHARE == 0
