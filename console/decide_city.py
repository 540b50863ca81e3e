"""Desk decisions, what a decision asks of the city: units, categories, places and limits, cut from the city pack."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

import msgspec

from schemas.catalogue import CityPack
from schemas.draft import SlaView

_SYLLABLE = re.compile(r"[^aeiouv]*[aeiouv]+(?:ng|n|r)?(?![aeiouv])")


class SlaAsk(msgspec.Struct, frozen=True, kw_only=True):
    """What the limits of a ticket depend on."""

    kind: str
    urgency: str
    category: str
    unit: str
    at: datetime  # UTC: moment of the dispatch


class UnitFact(msgspec.Struct, frozen=True, kw_only=True):
    """A unit as far as a decision needs it."""

    name: str  # short name, as shown
    takes_tickets: bool  # False: an outside body the caller is only told about


class CategoryFact(msgspec.Struct, frozen=True, kw_only=True):
    """A category and its path from the first level down to itself."""

    name: str
    path: tuple[str, ...]


class PlaceFact(msgspec.Struct, frozen=True, kw_only=True):
    """A place as far as a decision needs it."""

    name: str
    level: str
    parent: str | None


class CityFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The city as a decision sees it. `sla` gives the limits from the city's calendar; None = take the draft's."""

    tenant: str
    zone: str  # IANA
    prefix: str  # of ticket numbers, e.g. "YL"
    version: str  # of the pack
    units: dict[str, UnitFact]
    categories: dict[str, CategoryFact]
    places: dict[str, PlaceFact]
    sla: Callable[[SlaAsk], SlaView | None] | None = None

    def place_code(self, words: str, level: str) -> str | None:
        """Code of a place of this level, given its code or its full name."""
        place = self.places.get(words)
        if place is not None:
            return words if place.level == level else None
        return next((code for code, p in self.places.items() if p.level == level and p.name == words), None)

    def category_path(self, code: str) -> tuple[str, ...]:
        """Codes from the first level down to `code`; empty when the city has no such category."""
        fact = self.categories.get(code)
        return fact.path if fact else ()


def initials(name: str) -> str:
    """Initials of a name written in pinyin: "yunlan" → "YL"."""
    return "".join(s[0] for s in _SYLLABLE.findall(name.lower())).upper() or name[:2].upper()


def city_facts(pack: CityPack, sla: Callable[[SlaAsk], SlaView | None] | None = None) -> CityFacts:
    """Cuts the facts out of a whole pack."""
    by_code = {c.code: c for c in pack.categories}

    def path(code: str) -> tuple[str, ...]:
        steps: list[str] = []
        at: str | None = code
        while at is not None and at in by_code and at not in steps:
            steps.append(at)
            at = by_code[at].parent
        return tuple(reversed(steps))

    return CityFacts(
        tenant=pack.manifest.name,
        zone=pack.manifest.zone,
        prefix=initials(pack.manifest.name),
        version=pack.manifest.version,
        units={
            u.code: UnitFact(name=u.short, takes_tickets=u.kind not in ("outside", "emergency")) for u in pack.units
        },
        categories={c.code: CategoryFact(name=c.name, path=path(c.code)) for c in pack.categories},
        places={p.code: PlaceFact(name=p.name, level=p.level, parent=p.parent) for p in pack.places},
        sla=sla,
    )
