"""Finds the words of a list in an utterance, as written and, when long enough to be safe, by sound."""

from __future__ import annotations

from collections.abc import Iterable

import ahocorasick
import msgspec

from routing.sound import tune

SAFE_BY_SOUND = 3  # characters; shorter words sound like too many others


class Hit(msgspec.Struct, frozen=True):
    """A listed word found at [start, end) of the text; `word` is as listed, the text there may only sound like it."""

    start: int
    end: int
    word: str


class Phrases:
    """A fixed list of words. Hits may overlap; order is by end, then start."""

    def __init__(self, words: Iterable[str], by_sound: bool = False) -> None:
        self._written = ahocorasick.Automaton()
        self._heard = ahocorasick.Automaton()
        for word in dict.fromkeys(words):
            if word:
                self._written.add_word(word, word)
                if by_sound and len(word) >= SAFE_BY_SOUND:
                    self._heard.add_word(tune(word), word)
        self._has_written, self._has_heard = len(self._written) > 0, len(self._heard) > 0
        if self._has_written:
            self._written.make_automaton()
        if self._has_heard:
            self._heard.make_automaton()

    def find(self, text: str) -> list[Hit]:
        """All hits."""
        hits = [Hit(end + 1 - len(w), end + 1, w) for end, w in self._written.iter(text)] if self._has_written else []
        if self._has_heard:
            spans = {(h.start, h.end) for h in hits}
            for end, word in self._heard.iter(tune(text)):
                if (end + 1 - len(word), end + 1) not in spans:
                    hits.append(Hit(end + 1 - len(word), end + 1, word))
        return hits

    def longest(self, text: str) -> list[Hit]:
        """Hits without overlaps, longer ones first served, in order of the text."""
        kept: list[Hit] = []
        for hit in sorted(self.find(text), key=lambda h: (h.start - h.end, h.start)):
            if all(hit.end <= k.start or hit.start >= k.end for k in kept):
                kept.append(hit)
        return sorted(kept, key=lambda h: h.start)
