"""Part of the pack's proof: codes are unique, and places, units and categories hang together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date

from routing.city.finding import Finding, error, warning
from schemas.catalogue import CityPack

PARENT_LEVEL = {"street": "district", "community": "street", "road": "street", "landmark": "street"}
MIN_EXAMPLES = 2
MIN_KEYWORDS = 3


def unique(pack: CityPack, today: date) -> Iterator[Finding]:
    """No code or id is given twice within its file (a duty line or article only once per version)."""
    ids: dict[str, Iterable[str]] = {
        "places.jsonl": (place.code for place in pack.places),
        "units.jsonl": (unit.code for unit in pack.units),
        "categories.jsonl": (category.code for category in pack.categories),
        "duties.jsonl": (f"{line.id} version {line.version}" for line in pack.duties),
        "sla.json": (preset.name for preset in pack.sla),
        "calendar.jsonl": (day.day.isoformat() for day in pack.calendar),
        "articles.jsonl": (f"{article.id} version {article.version}" for article in pack.articles),
        "scripts.jsonl": (script.id for script in pack.scripts),
        "emergencies.jsonl": (rule.id for rule in pack.emergencies),
        "refusals.jsonl": (rule.id for rule in pack.refusals),
    }
    for file, keys in ids.items():
        for key, times in Counter(keys).items():
            if times > 1:
                yield error(file, key, f"given {times} times")
    for preset in pack.sla:
        for key, times in Counter(rule.id for rule in preset.rules).items():
            if times > 1:
                yield error("sla.json", f"{preset.name} {key}", f"given {times} times")


def places(pack: CityPack, today: date) -> Iterator[Finding]:
    """Every place but a district lies in one of the level above; every district has a government."""
    file = "places.jsonl"
    known = {place.code: place for place in pack.places}
    governed = {unit.district for unit in pack.units if unit.kind == "district"}
    for place in pack.places:
        parent = known.get(place.parent) if place.parent else None
        if place.level == "district":
            if place.parent:
                yield error(file, place.code, f"a district has no parent, this one names {place.parent}")
            if place.code not in governed:
                yield error(file, place.code, f"{place.name} has no government among the units: @district fails")
        elif parent is None:
            yield error(file, place.code, f"parent {place.parent or '(none)'} does not exist")
        elif parent.level != PARENT_LEVEL[place.level]:
            lies = f"lies in {parent.code}, a {parent.level}"
            yield error(file, place.code, f"a {place.level} {lies}; it belongs in a {PARENT_LEVEL[place.level]}")


def aliases(pack: CityPack, today: date) -> Iterator[Finding]:
    """A name or alias that means two places, or two units, makes the copilot ask: a warning."""
    meant: dict[tuple[str, str], set[str]] = defaultdict(set)
    for place in pack.places:
        for name in (place.name, *place.aliases):
            meant["places.jsonl", name].add(place.code)
    for unit in pack.units:
        for name in {unit.name, unit.short, *unit.aliases}:
            meant["units.jsonl", name].add(unit.code)
    for (file, name), codes in meant.items():
        if len(codes) > 1:
            yield warning(file, ", ".join(sorted(codes)), f"{name} means each of them")


def units(pack: CityPack, today: date) -> Iterator[Finding]:
    """District governments name a district, one each; nobody else does."""
    file = "units.jsonl"
    districts = {place.code for place in pack.places if place.level == "district"}
    governs: dict[str, str] = {}
    for unit in pack.units:
        if unit.kind != "district":
            if unit.district:
                yield error(file, unit.code, f"names district {unit.district} but is of kind {unit.kind}")
        elif unit.district not in districts:
            yield error(file, unit.code, f"district {unit.district or '(none)'} does not exist in places.jsonl")
        elif unit.district in governs:
            yield error(file, unit.code, f"district {unit.district} already has {governs[unit.district]}")
        else:
            governs[unit.district] = unit.code
        if not unit.phone:
            yield warning(file, unit.code, "has no phone number for the agent to name")


def categories(pack: CityPack, today: date) -> Iterator[Finding]:
    """Levels run 1, 2, 3 from parent to child; leaves say by words and examples what belongs to them."""
    file = "categories.jsonl"
    known = {category.code: category for category in pack.categories}
    parents = {category.parent for category in pack.categories}
    for category in pack.categories:
        parent = known.get(category.parent) if category.parent else None
        if not 1 <= category.level <= 3:
            yield error(file, category.code, f"level {category.level} is outside 1..3")
        if category.level == 1 and category.parent:
            yield error(file, category.code, f"a category of level 1 has no parent, this one names {category.parent}")
        elif category.level > 1 and parent is None:
            yield error(file, category.code, f"parent {category.parent or '(none)'} does not exist")
        elif parent is not None and parent.level != category.level - 1:
            yield error(file, category.code, f"level {category.level} under {parent.code} of level {parent.level}")
        if category.code not in parents:
            if len(category.examples) < MIN_EXAMPLES:
                yield error(file, category.code, f"a leaf needs {MIN_EXAMPLES} examples, has {len(category.examples)}")
            if len(category.keywords) < MIN_KEYWORDS:
                yield warning(file, category.code, f"only {len(category.keywords)} keywords speak for it")


def tellings(pack: CityPack, today: date) -> Iterator[Finding]:
    """Each belongs to a leaf, and none stands there twice."""
    file = "tellings.jsonl"
    parents = {category.parent for category in pack.categories}
    leaves = {category.code for category in pack.categories} - parents
    met: dict[str, str] = {}
    for telling in pack.tellings:
        if telling.category not in leaves:
            yield error(file, telling.text, f"category {telling.category} is no leaf of categories.jsonl")
        if met.setdefault(telling.text, telling.category) != telling.category:
            yield error(file, telling.text, f"stands under {met[telling.text]} and {telling.category}")
        if not telling.text.strip():
            yield error(file, telling.category, "an empty telling")
