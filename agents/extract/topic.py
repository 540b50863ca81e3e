"""What the matter is about: the category of the city's taxonomy, with the words that speak for it and its rivals."""

from __future__ import annotations

from collections.abc import Sequence

from agents.city import City
from agents.lines import evidence
from agents.reading import Reading
from agents.state import Lock
from routing.category import Category, Spoken
from routing.dispatch import Considered
from routing.person import CLAIMS
from schemas.catalogue import EmergencyRule
from schemas.draft import Choice, Evidence, FieldValue

FLOOR = 0.2  # share under which a category with no keyword is not shown
PLAIN = 0.1  # … and one with keywords
OPENING = 1.5  # weight of the first utterance with a keyword
DANGER = 4.0  # weight of a recognised danger
GIVEN = 0.9  # share of a category an emergency rule names
MANY = 4  # categories considered for dispatch
SURE = 0.5  # share of a category from which on its kind is expected in full
MOST = 1.3  # … and how much more at the most


def expected(code: str, city: City, share: float = SURE) -> dict[str, float]:
    """The kind a category leads one to expect before any word is heard, less for a doubtful one.

    What a leaf of the pack leans to, else what the category above it does.
    """
    found = next((node.leans for node in reversed(city.index.category_path(code)) if node.leans), {})
    return {kind: score * min(MOST, share / SURE) for kind, score in found.items()}


def category(
    readings: Sequence[Reading], dangers: Sequence[tuple[EmergencyRule, Evidence]], city: City, lock: Lock | None
) -> tuple[FieldValue | None, tuple[Considered, ...]]:
    """The category as a field, and all that were considered; a person's choice stands alone.

    A danger that was recognised speaks for its category by its name.
    """
    parts = [r.category for r in readings if r.category is not None]
    if any(r.person for r in readings) and any(r.line.caller and r.once(_claims) for r in readings):
        parts += [r.person for r in readings if r.person is not None]
    parts = _weighed(parts) + [
        city.categories.read(label, DANGER) for label in dict.fromkeys(rule.label for rule, _ in dangers)
    ]
    if lock is not None:
        if not lock.value:
            return None, ()
        words = _words(readings, lock.value, city)
        return None, (Considered(lock.value, 1.0, words),)
    ranked = city.categories.best(parts, MANY) if parts else []
    if not ranked:
        return None, ()
    grave = next(((r, e) for r, e in dangers if r.urgency == "critical" and r.category), None)
    if grave is not None and ranked[0].code != grave[0].category:
        return _given(*grave, [c for c in ranked if c.code != grave[0].category][: MANY - 1], readings, city)
    first = ranked[0]
    words = _words(readings, first.code, city)
    if first.share < (PLAIN if words else FLOOR):
        return None, ()
    considered = tuple(Considered(c.code, c.share, _words(readings, c.code, city)) for c in ranked)
    value = FieldValue(
        value=first.code,
        label=label(first.code, city),
        confidence=round(first.share, 3),
        origin="model",
        evidence=words[:5],
        choices=tuple(Choice(value=c.code, label=label(c.code, city), score=round(c.share, 3)) for c in ranked[1:]),
    )
    return value, considered


def _given(
    rule: EmergencyRule, words: Evidence, others: Sequence[Category], readings: Sequence[Reading], city: City
) -> tuple[FieldValue, tuple[Considered, ...]]:
    """The category the emergency rule itself names: 烧烤店着火 is no matter of kitchen smoke."""
    rest = tuple(Considered(c.code, c.share * (1 - GIVEN), _words(readings, c.code, city)) for c in others)
    value = FieldValue(
        value=rule.category,
        label=label(rule.category, city),
        confidence=GIVEN,
        origin="rule",
        evidence=(words,),
        choices=tuple(Choice(value=c.code, label=label(c.code, city), score=round(c.share, 3)) for c in rest),
        note=f"按应急规则“{rule.label}”归类",
    )
    return value, (Considered(rule.category, GIVEN, (words,)), *rest)


def _claims(text: str) -> bool:
    return CLAIMS.search(text) is not None


def _weighed(parts: list[Spoken]) -> list[Spoken]:
    """Callers open with what it is about; what follows are its circumstances."""
    first = next((i for i, p in enumerate(parts) if p.hits), None)
    if first is None:
        return parts
    p = parts[first]
    opened = Spoken(p.projection * OPENING, p.length * OPENING * OPENING, p.hits)
    return [*parts[:first], opened, *parts[first + 1 :]]


def label(code: str, city: City) -> str:
    """公共服务 > 供水 > 停水与抢修"""
    return " > ".join(node.name for node in city.index.category_path(code))


def _words(readings: Sequence[Reading], code: str, city: City) -> tuple[Evidence, ...]:
    found: dict[str, Evidence] = {}
    for reading in readings:
        if reading.category is not None:
            for hit in city.categories.words_for(code, reading.category.hits):
                found.setdefault(hit.word, evidence(reading.line, hit.start, hit.end))
    return tuple(found.values())
