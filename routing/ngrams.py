"""What the classifier counts in a text: character n-grams as written, and syllable n-grams as spoken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from operator import add

from routing.sound import blurred, syllable

_SKIP = frozenset(" \t\r\n，。！？、；：,.!?;:“”\"'（）()《》…—")


def ngrams(text: str, low: int, high: int, sound: bool) -> Counter[str]:
    """Counts of all n-grams of `low`..`high` characters; with `sound`, of two and three blurred syllables too."""
    counts: Counter[str] = Counter()
    for part in _parts(text):
        grams = list(part)
        for n in range(1, high + 1):
            if n > 1:
                grams = list(map(add, grams, part[n - 1 :]))
            if n >= low:
                counts.update(grams)
        if sound:
            next_ones = [_following(c) for c in part]
            grams = [_first(c) for c in part]
            for n in (2, 3):
                grams = list(map(add, grams, next_ones[n - 1 :]))
                counts.update(grams)
    return counts


@lru_cache(maxsize=32768)
def _first(char: str) -> str:
    return "~" + blurred(syllable(char))


@lru_cache(maxsize=32768)
def _following(char: str) -> str:
    return "'" + blurred(syllable(char))


def _parts(text: str) -> Iterator[str]:
    start = 0
    for i, char in enumerate(text):
        if char in _SKIP:
            if i > start:
                yield text[start:i]
            start = i + 1
    if start < len(text):
        yield text[start:]
