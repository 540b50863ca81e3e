"""Made-up calls: what a poor ear makes of them: homophones and lost characters, at a given rate."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from random import Random

import msgspec

from pipeline.calls.made import MadeCall
from routing.sound import syllable

LOST = 0.2  # share of the disturbed characters that are gone; the others become homophones


def noisy(call: MadeCall, rate: float) -> MadeCall:
    """The call as a poor ear writes it: `rate` of its Chinese characters disturbed; the same call every time."""
    rng = Random(f"noise/{call.name}")
    turns = tuple(msgspec.structs.replace(turn, text=_disturbed(turn.text, rate, rng)) for turn in call.turns)
    return msgspec.structs.replace(call, turns=turns)


def _disturbed(text: str, rate: float, rng: Random) -> str:
    made = []
    for char in text:
        if not "\u4e00" <= char <= "\u9fff" or rng.random() >= rate:
            made.append(char)
        elif rng.random() >= LOST:
            alike = [c for c in _alike().get(syllable(char), ()) if c != char]
            made.append(rng.choice(alike) if alike else char)
    return "".join(made)


@lru_cache(maxsize=1)
def _alike() -> dict[str, list[str]]:
    """The common characters (first level of GB 2312) by their toneless syllable."""
    found: dict[str, list[str]] = defaultdict(list)
    for high in range(0xB0, 0xD8):
        for low in range(0xA1, 0xFF):
            try:
                char = bytes((high, low)).decode("gb2312")
            except UnicodeDecodeError:
                continue
            found[syllable(char)].append(char)
    return dict(found)
