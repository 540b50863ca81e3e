"""Made-up calls: a call as said, and beside it what should stand in its drafts."""

from __future__ import annotations

from typing import Literal

import msgspec

from schemas.audio import Leg

Split = Literal["tune", "test", "probe", "exam"]
Danger = Literal["", "life", "calm"]
PER_CHARACTER = 0.21  # s of speech
PAUSE = 0.6  # s between turns
LEAD_IN = 0.8  # s before the first word


class Turn(msgspec.Struct, frozen=True):
    """What one side says from here to there, seconds."""

    leg: Leg
    start: float
    end: float
    text: str


class Reference(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a listener would write down. A field named as "" must stay empty; one not named is not judged."""

    contact_phone: str = ""
    caller_name: str = ""
    matters: tuple[dict[str, str], ...] = ()
    told: tuple[dict[str, int], ...] = ()  # per matter: field → turn after which it can be known
    danger: Danger = ""  # to life: told of (life), or words of it without any (calm)


class MadeCall(msgspec.Struct, frozen=True):
    """A call and its reference; also the file that lies beside a recording."""

    name: str
    file: str
    turns: tuple[Turn, ...]
    reference: Reference
    calling_number: str = ""
    at: str = ""  # when it began, ISO time with zone; "" = now


class Script:
    """Collects turns while a call is being made up."""

    def __init__(self) -> None:
        self.turns: list[Turn] = []
        self._clock = LEAD_IN

    @property
    def last(self) -> int:
        """Index of the newest turn."""
        return len(self.turns) - 1

    def say(self, leg: Leg, text: str) -> int:
        """Adds a turn; returns its index."""
        start = self._clock + PAUSE
        end = start + max(0.4, PER_CHARACTER * len(text))
        self.turns.append(Turn(leg, round(start, 2), round(end, 2), text))
        self._clock = end
        return self.last
