"""Matters the hotline does not accept, and the channel the caller is told instead."""

from __future__ import annotations

from collections.abc import Sequence

from routing.phrases import Hit, Phrases
from schemas.catalogue import RefusalRule


class Refusals:
    """The refusal rules of a pack."""

    def __init__(self, rules: Sequence[RefusalRule]) -> None:
        self.rules = {r.id: r for r in rules}
        self._any: dict[str, list[RefusalRule]] = {}
        for rule in rules:
            for word in rule.any_words:
                self._any.setdefault(word, []).append(rule)
        self._words = Phrases(self._any, by_sound=True)
        self._unless = {r.id: Phrases(r.unless) for r in rules if r.unless}

    def find(self, text: str) -> tuple[tuple[str, Hit], ...]:
        """Rules this text meets, each once, first place first."""
        found: dict[str, Hit] = {}
        for hit in sorted(self._words.find(text), key=lambda h: (h.start, h.start - h.end)):
            for rule in self._any[hit.word]:
                if rule.id not in found and not (rule.id in self._unless and self._unless[rule.id].find(text)):
                    found[rule.id] = hit
        return tuple(found.items())
