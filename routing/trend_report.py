"""Beside the calls, one confirmed ticket as the watch over trends counts it. Pure."""

from __future__ import annotations

import re
from datetime import datetime

import msgspec

from routing.city.index import CityIndex
from schemas.catalogue import Place

_NUMBER = re.compile(r"[0-9０-９一二三四五六七八九十百]+(?:号楼|号院|号|栋|幢|单元|室|楼|弄|米).*$")
_NEAR = re.compile(r"(?:附近|旁边|门口|对面|里面|内|处|一带)$")
LONGEST = 20  # characters of a place that has no code
_LEVELS = ("landmark", "community", "road")


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Who told of what, where and when; nothing of his words or person."""

    ticket: str  # id
    at: float  # unix seconds
    kind: str  # class: category code at the level of the rules
    leaf: str  # category code, as fine as it is
    top: str  # its first level
    district: str  # code; "" = unknown
    street: str  # code; "" = unknown
    place: str  # code or words of what lies in the street; "" = unknown
    caller: str  # same caller, same word: a keyed hash; the ticket's id when nobody is known
    grave: bool = False  # 特急


class PlaceKeys:
    """The key by which a place inside a street goes: its code where the city knows it, else its words, cleaned."""

    def __init__(self, index: CityIndex) -> None:
        self._index = index
        self._inside: dict[str, list[tuple[str, str]]] = {}

    def key(self, street: str, community: str, words: str) -> str:
        """`words` as written in the ticket, e.g. "澄湖区南门街道望湖小区3号楼"."""
        for name, code in self._names(street):
            if name in words:
                return code
        if community and self._index.place(community):
            return community
        for place in self._index.place_path(street):
            for name in (place.name, *place.aliases):
                words = words.removeprefix(name)
        words = _NEAR.sub("", _NUMBER.sub("", words.strip()))
        return words[:LONGEST] or community[:LONGEST]

    def name(self, key: str) -> str:
        """As people read it."""
        place = self._index.place(key)
        return place.name if place else key

    def _names(self, street: str) -> list[tuple[str, str]]:
        if street not in self._inside:
            found: list[tuple[int, int, str, str]] = []
            for place in self._index.children(street) if street else ():
                for name in _said(place):
                    found.append((_LEVELS.index(place.level), -len(name), name, place.code))
            self._inside[street] = [(name, code) for *_, name, code in sorted(found)]
        return self._inside[street]


def _said(place: Place) -> tuple[str, ...]:
    return tuple(n for n in (place.name, *place.aliases) if len(n) > 1) if place.level in _LEVELS else ()


class Hours:
    """Hour of the day × day of the week by the city's calendar; holidays are a day of their own."""

    SLOTS = 8 * 24

    def __init__(self, index: CityIndex) -> None:
        self._index = index
        self._zone = index.zone
        self._known: dict[int, int] = {}

    def slot(self, at: float) -> int:
        """0 ≤ slot < SLOTS of a moment, unix seconds."""
        hour = int(at // 3600)
        if hour not in self._known:
            if len(self._known) > 4000:
                self._known.clear()
            self._known[hour] = self._slot(hour * 3600.0)
        return self._known[hour]

    def day(self, at: float) -> int:
        """Number of the city's day a moment lies in."""
        return self._local(at).toordinal()

    def _slot(self, at: float) -> int:
        local = self._local(at)
        working, week_day = self._index.is_workday(local.date()), local.weekday()
        row = week_day
        if working and week_day >= 5:
            row = 0  # a weekend that is worked on
        elif not working and week_day < 5:
            row = 7
        return row * 24 + local.hour

    def _local(self, at: float) -> datetime:
        return datetime.fromtimestamp(at, self._zone)
