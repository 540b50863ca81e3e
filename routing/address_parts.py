"""The parts of a standardised place, each with its kind: what the city's own names and the forms of numbers tell."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from routing.address_bio import Part
from schemas.catalogue import Place, PlaceLevel

KINDS: dict[PlaceLevel, str] = {  # level of the gazetteer → kind of Neural Chinese Address Parsing
    "district": "district",
    "street": "town",
    "community": "community",
    "road": "road",
    "landmark": "poi",
}
_N = r"(?:[0-9]{1,5}|[零〇一二三四五六七八九十百]{1,6})"
_INSIDE = re.compile(
    rf"(?P<houseno>(?:{_N}|[A-Za-z甲乙丙丁东西南北])(?:号楼|号院|栋|幢|座))"
    rf"|(?P<cellno>{_N}单元)"
    rf"|(?P<floorno>{_N}(?:楼|层))"
    rf"|(?P<roomno>[A-Za-z]?{_N}(?:室|房))"
    rf"|(?P<number>{_N}号)"
    r"|(?P<assist>交叉口|路口|附近|旁边?|对面|门口|与)"
)


class PlaceParts:
    """Takes a standardised place apart. What neither the city nor a form knows stands in no part."""

    def __init__(self, places: Iterable[Place], city: str = "") -> None:
        """`city`: its name, where places are written with it."""
        kinds: dict[str, str] = {city: "city"} if city else {}
        for place in places:
            kinds.setdefault(place.name, KINDS[place.level])
        self._kinds = kinds
        self._by_first: defaultdict[str, list[str]] = defaultdict(list)
        for name in sorted(kinds, key=lambda name: (-len(name), name)):
            self._by_first[name[0]].append(name)

    def of(self, text: str) -> tuple[Part, ...]:
        """Its parts in order: kinds as in Neural Chinese Address Parsing."""
        found: list[Part] = []
        at = 0
        while at < len(text):
            end, kind = self._at(text, at, found[-1].kind if found else "")
            if kind:
                found.append(Part(text[at:end], kind, at, end, 1.0))
            at = end
        return tuple(found)

    def _at(self, text: str, at: int, before: str) -> tuple[int, str]:
        """Where what begins here ends, and its kind; one character and none where nothing is known."""
        for name in self._by_first.get(text[at], ()):
            if text.startswith(name, at):
                return at + len(name), self._kinds[name]
        if match := _INSIDE.match(text, at):
            kind = str(match.lastgroup)
            if kind == "number":
                kind = "roadno" if before in ("road", "community", "") else "houseno"
            return match.end(), kind
        return at + 1, ""
