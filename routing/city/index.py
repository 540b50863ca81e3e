"""A city pack made quick to ask: places, units, categories, duty lines of a day, working days. Used at every hop."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import TypeVar
from zoneinfo import ZoneInfo

from schemas.catalogue import (
    Article,
    Category,
    CityPack,
    DutyEntry,
    Place,
    PlaceLevel,
    Script,
    ScriptMoment,
    SlaPreset,
    Unit,
)

DAYS_KEPT = 3  # days whose duty lines are kept at hand: today, and what is met again
DISTRICT = "@district"  # a duty line's word for "the government of the place's district"

Node = TypeVar("Node", Place, Category)


class CityIndex:
    """Look-ups over one pack. Pure: the same question has the same answer; asks for unknown codes answer None or ()."""

    def __init__(self, pack: CityPack) -> None:
        self.pack = pack
        self._places = {place.code: place for place in pack.places}
        self._units = {unit.code: unit for unit in pack.units}
        self._categories = {category.code: category for category in pack.categories}
        self._children: dict[str | None, list[Place]] = defaultdict(list)
        for place in pack.places:
            self._children[place.parent].append(place)
        self._subcategories: dict[str | None, list[Category]] = defaultdict(list)
        for category in pack.categories:
            self._subcategories[category.parent].append(category)
        self._governments = {unit.district: unit for unit in pack.units if unit.kind == "district" and unit.district}
        self._lines: dict[str, list[DutyEntry]] = defaultdict(list)
        for line in pack.duties:
            self._lines[line.category].append(line)
        self._place_paths: dict[str, tuple[Place, ...]] = {}
        self._category_paths: dict[str, tuple[Category, ...]] = {}
        self._on_duty: dict[tuple[str, date], tuple[DutyEntry, ...]] = {}
        self._calendar = {day.day: day.working for day in pack.calendar}
        self.calendar_years = frozenset(day.day.year for day in pack.calendar)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.pack.manifest.zone)

    # places

    def place(self, code: str | None) -> Place | None:
        return self._places.get(code) if code else None

    def children(self, code: str | None) -> tuple[Place, ...]:
        """Places directly under `code`; the districts for None."""
        return tuple(self._children.get(code, ()))

    def place_path(self, code: str | None) -> tuple[Place, ...]:
        """From the district down to the place itself, e.g. district, street, community."""
        return self._path_of(self._places, self._place_paths, code)

    def place_above(self, code: str | None, level: PlaceLevel) -> Place | None:
        """The place of `level` that `code` lies in, or is."""
        return next((place for place in self.place_path(code) if place.level == level), None)

    def district(self, code: str | None) -> Place | None:
        return self.place_above(code, "district")

    @staticmethod
    def _path_of(nodes: dict[str, Node], paths: dict[str, tuple[Node, ...]], code: str | None) -> tuple[Node, ...]:
        if code is None or code not in nodes:
            return ()
        if code not in paths:
            paths[code] = _path(nodes, code)
        return paths[code]

    # units

    def unit(self, code: str | None) -> Unit | None:
        return self._units.get(code) if code else None

    def government(self, place: str | None) -> Unit | None:
        """Government of the district that `place` lies in."""
        district = self.district(place)
        return self._governments.get(district.code) if district else None

    def resolve(self, notation: str, place: str | None) -> Unit | None:
        """Unit of a duty line's `lead` or `co` for a matter at `place`; None when the place is needed and unknown."""
        return self.government(place) if notation == DISTRICT else self.unit(notation)

    # categories

    def category(self, code: str | None) -> Category | None:
        return self._categories.get(code) if code else None

    def subcategories(self, code: str | None) -> tuple[Category, ...]:
        """Categories directly under `code`; the first level for None."""
        return tuple(self._subcategories.get(code, ()))

    def leaves(self) -> tuple[Category, ...]:
        return tuple(category for category in self.pack.categories if not self._subcategories.get(category.code))

    def category_path(self, code: str | None) -> tuple[Category, ...]:
        """From the first level down to the category itself."""
        return self._path_of(self._categories, self._category_paths, code)

    def topic(self, code: str | None) -> str:
        """Key of the SLA table for a category: its own topic, else the nearest one above, else empty."""
        return next((node.topic for node in reversed(self.category_path(code)) if node.topic), "")

    # duty list

    def duty_lines(self, day: date) -> tuple[DutyEntry, ...]:
        """The duty list as it stands on `day`."""
        return tuple(line for line in self.pack.duties if is_valid(line, day))

    def duty_lines_for(self, category: str, day: date) -> tuple[DutyEntry, ...]:
        """Lines valid on `day` that cover `category`, those of the category itself before those of its parents."""
        known = self._on_duty.get((category, day))
        if known is None:
            path = reversed(self.category_path(category))
            known = tuple(line for node in path for line in self._lines.get(node.code, ()) if is_valid(line, day))
            if len(self._on_duty) > DAYS_KEPT * len(self._categories):
                self._on_duty.clear()
            self._on_duty[category, day] = known
        return known

    # the rest

    def articles(self, day: date) -> tuple[Article, ...]:
        """Articles in force on `day`."""
        return tuple(article for article in self.pack.articles if is_valid(article, day))

    def scripts(self, moment: ScriptMoment) -> tuple[Script, ...]:
        return tuple(script for script in self.pack.scripts if script.moment == moment)

    def sla_preset(self, name: str = "") -> SlaPreset | None:
        """The preset of that name; without a name the one in force."""
        wanted = name or self.pack.manifest.sla_preset
        return next((preset for preset in self.pack.sla if preset.name == wanted), None)

    def is_workday(self, day: date) -> bool:
        """By the pack's calendar; a day it does not list follows the plain week."""
        return self._calendar.get(day, day.weekday() < 5)


def is_valid(entry: DutyEntry | Article, day: date) -> bool:
    """Whether a dated record holds on `day`; its last day is the one before `valid_to`."""
    return entry.valid_from <= day and (entry.valid_to is None or day < entry.valid_to)


def _path(nodes: dict[str, Node], code: str | None) -> tuple[Node, ...]:
    path: list[Node] = []
    node = nodes.get(code) if code else None
    while node is not None and node not in path:  # a pack not yet checked may run in a circle
        path.append(node)
        node = nodes.get(node.parent) if node.parent else None
    return tuple(reversed(path))
