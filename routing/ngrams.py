"""What the classifier counts in a text: character n-grams as written, and syllable n-grams as spoken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from routing.sound import blurred, syllable

_SKIP = frozenset(" \t\r\n，。！？、；：,.!?;:“”\"'（）()《》…—")


def ngrams(text: str, low: int, high: int, sound: bool) -> Counter[str]:
    """Counts of all n-grams of `low`..`high` characters; with `sound`, of two and three blurred syllables too."""
    counts: Counter[str] = Counter()
    for part in _parts(text):
        for n in range(low, high + 1):
            counts.update(part[i : i + n] for i in range(len(part) - n + 1))
        if sound:
            heard = [blurred(syllable(c)) for c in part]
            for n in (2, 3):
                counts.update("~" + "'".join(heard[i : i + n]) for i in range(len(heard) - n + 1))
    return counts


def _parts(text: str) -> Iterator[str]:
    start = 0
    for i, char in enumerate(text):
        if char in _SKIP:
            if i > start:
                yield text[start:i]
            start = i + 1
    if start < len(text):
        yield text[start:]
