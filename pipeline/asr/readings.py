"""What goes to the model and what comes back: windows of sound, readings of them, and the card of the model."""

from __future__ import annotations

from typing import Literal

import msgspec

RATE = 16_000  # Hz of every window

# How much trouble a reading is worth: a glance for a partial, a search for a final, another one for a doubtful final.
Care = Literal["quick", "full", "careful"]


class ModelCard(msgspec.Struct, frozen=True, kw_only=True):
    """What the ear must know about the model at hand."""

    name: str  # part of every utterance id: another name means other utterances
    bands: int = 80  # mel bands
    short_windows: bool = False  # trained on true lengths: needs no 30 s padding
    retries: bool = True  # a final that looks wrong is worth a second reading
    device: str = "cpu"
    compute: str = "int8"
    lanes: int = 1  # orders the model reads at once
    rows: int = 8  # windows an order may hold; on a CPU more than one gain nothing


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of one leg to be read."""

    stream: str  # leg's key; partials of one stream replace each other
    start: int  # samples at 16 kHz since leg start
    end: int
    pcm: bytes  # int16 little endian, 16 kHz
    final: bool  # finals are never dropped and go first

    @property
    def samples(self) -> int:
        return len(self.pcm) // 2

    @property
    def seconds(self) -> float:
        return self.samples / RATE


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What the model made of a window, before any guard."""

    text: str
    logprob: float = 0.0  # average per token
    no_speech: float = 0.0  # probability
    tokens: int = 0
    careful: bool = False  # read a second time, with a beam


class Unreadable(Exception):
    """The engine gave this window up: it failed with it again and again."""


class EngineDown(Exception):
    """The engine can't be started. Says why, and what to do."""
