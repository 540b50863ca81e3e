"""What a line can mention, found by the extractors and kept in its reading. Positions count characters of the line."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Amount(msgspec.Struct, frozen=True):
    """A sum of money."""

    start: int
    end: int
    yuan: float
    about: bool
    weight: float  # how much the words round it make it the sum in question


class Cue(msgspec.Struct, frozen=True):
    """Words that speak for a kind."""

    kind: str
    weight: float
    start: int
    end: int


class Run(msgspec.Struct, frozen=True):
    """Digits said one after the other."""

    start: int
    end: int
    digits: str
    counted: bool  # a quantity or a house number rather than a part of a number


class When(msgspec.Struct, frozen=True):
    """A time named in an utterance. Bounds are naive city time; no bound, no date was understood."""

    start: int
    end: int
    text: str
    begins: datetime | None
    ends: datetime | None
    often: bool  # every day, again and again
    has_day: bool
    weight: float  # how much it says
