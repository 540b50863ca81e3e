"""Words that raise the urgency: the pack's emergency rules over the caller's words, denials and fears left out."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from routing.calm import calm
from routing.phrases import Hit, Phrases
from schemas.catalogue import EmergencyRule

# Directly before the word: said not to be so, feared, or asked about in general.
NOT_SO = re.compile(
    r"(?:并?没有?|(?<!是)不是|不会|未|别|防止?|预防|避免|要是|万一|如果|假如|怕|担心|容易|以防|小心|以免|会不会)"
    r"(?:发生|出现|再|会|引起|有|又|就)?$"
)
OVER = re.compile(r"^(?:的)?(?:隐患|风险|演练|演习|预防|知识|宣传|保险|处置预案|怎么预防|应急预案)")
HABIT = re.compile(r"天天|每天|每晚|经常|老是|总是|一到|平时|长期|常年")
WINDOW = 3  # utterances of the caller in which a rule's companion word may stand


class Alarm(msgspec.Struct, frozen=True):
    """A rule that fired: which of the texts, and the words in it."""

    rule: EmergencyRule
    text: int  # index into the texts given
    hit: Hit


class Emergencies:
    """The emergency rules of a pack, ready to be held against a caller's words."""

    def __init__(self, rules: Sequence[EmergencyRule]) -> None:
        self.rules = {r.id: r for r in rules}
        self._any: dict[str, list[EmergencyRule]] = {}
        for rule in rules:
            for word in rule.any_words:
                self._any.setdefault(word, []).append(rule)
        self._triggers = Phrases(self._any, by_sound=True)
        self._with: dict[str, list[str]] = {}  # companion word → rules
        for rule in rules:
            for word in rule.with_words:
                self._with.setdefault(word, []).append(rule.id)
        self._need_company = {r.id for r in rules if r.with_words}
        self._companions = Phrases(self._with, by_sound=True)
        self._unless = {r.id: Phrases(r.unless) for r in rules if r.unless}
        self._patterns = [
            (rule, re.compile("|".join(f"(?:{p})" for p in rule.patterns))) for rule in rules if rule.patterns
        ]
        self._letters = {r.id: set("".join(r.any_words)) for r in rules}

    def triggers(self, text: str) -> tuple[tuple[str, Hit], ...]:
        """Rules whose first condition this text meets, with the words; each rule once, first place first."""
        found: dict[str, Hit] = {}
        for hit in sorted(self._triggers.find(text), key=lambda h: (h.start, h.start - h.end)):
            if _denied(text, hit):
                continue
            for rule in self._any[hit.word]:
                if rule.id not in found and not self._explained(rule, text, hit) and not _calm(rule, text, hit):
                    found[rule.id] = hit
        for rule, pattern in self._patterns:
            for match in pattern.finditer(text):
                hit = Hit(match.start(), match.end(), match[0])
                if not _calm(rule, text, hit):
                    found.setdefault(rule.id, hit)
                    break
        return tuple(found.items())

    def denied(self, text: str) -> bool:
        """Whether this text names a danger only to say that there is none."""
        hits = self._triggers.find(text)
        told = [(rule, hit) for hit in hits for rule in self._any[hit.word]]
        told += [(rule, Hit(m.start(), m.end(), m[0])) for rule, p in self._patterns for m in p.finditer(text)]
        return bool(told) and all(
            _denied(text, hit) or self._explained(rule, text, hit) or _calm(rule, text, hit) for rule, hit in told
        )

    def companions(self, text: str) -> frozenset[str]:
        """Rules whose companion words occur in this text."""
        return frozenset(rule for hit in self._companions.find(text) for rule in self._with[hit.word])

    def alarms(
        self, triggers: Sequence[tuple[tuple[str, Hit], ...]], companions: Sequence[frozenset[str]]
    ) -> list[Alarm]:
        """What fires over a caller's texts in order, each rule once at its first place."""
        fired: dict[str, Alarm] = {}
        for i, hits in enumerate(triggers):
            for rule_id, hit in hits:
                if rule_id in fired:
                    continue
                near = companions[max(0, i - WINDOW) : i + WINDOW + 1]
                if rule_id not in self._need_company or any(rule_id in c for c in near):
                    fired[rule_id] = Alarm(self.rules[rule_id], i, hit)
        return list(fired.values())

    def _explained(self, rule: EmergencyRule, text: str, hit: Hit) -> bool:
        """An `unless` phrase over the word explains it away; one of wholly other characters does so from anywhere.

        A sign of danger that needs company (冒烟) is none when it is a habit (天天冒烟); danger itself always counts.
        """
        if rule.id in self._need_company and HABIT.search(text[max(0, hit.start - 10) : hit.start]):
            return True
        if rule.id not in self._unless:
            return False
        return any(
            (u.start < hit.end and hit.start < u.end) or not set(u.word) & self._letters[rule.id]
            for u in self._unless[rule.id].find(text)
        )


def _calm(rule: EmergencyRule, text: str, hit: Hit) -> bool:
    """Danger to life alone is asked whether it stands: what is merely urgent is shown either way."""
    return rule.urgency == "critical" and calm(text, hit.start, hit.end)


def _denied(text: str, hit: Hit) -> bool:
    before, after = text[max(0, hit.start - 8) : hit.start], text[hit.end : hit.end + 6]
    return bool(NOT_SO.search(before) or OVER.match(after))
