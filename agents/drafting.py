"""The matters of one call, each drafted anew only when something it rests on has changed: a long call stays quick."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from agents.caller import Caller
from agents.city import City
from agents.derive import matter
from agents.extract.address import Address, address
from agents.matters import Split
from agents.reading import Reading
from agents.state import CallState
from routing.duplicates import EarlierTicket
from schemas.draft import Matter


class _Basis(msgspec.Struct, frozen=True):
    """Everything a draft rests on that can change in a call, but for what persons set."""

    part: Split
    caller: Caller
    place: Address
    started: datetime
    closed: str
    earlier: tuple[EarlierTicket, ...]


class Drafting:
    """Promise: the same drafts as without it."""

    def __init__(self, city: City, version: str) -> None:
        self._city, self._version = city, version
        self._made: dict[tuple[str, int], tuple[_Basis, Matter]] = {}  # by matter and number of earlier tickets
        self._placed: dict[str, tuple[tuple[Reading, ...], Address]] = {}  # by matter; "" is the whole call

    def place(self, part: Split, call: Sequence[Reading]) -> Address:
        """Where a matter is: by its own words, or where an earlier one was (还有我们小区……)."""
        own = self._address(part.id, part.readings)
        if own.place is None and part.n > 0 and not part.by_hand:
            return self._address("", tuple(call))
        return own

    def matter(
        self, part: Split, caller: Caller, place: Address, state: CallState, earlier: Sequence[EarlierTicket]
    ) -> Matter:
        """The draft of one matter."""
        if part.id in state.locks:  # a hint at what a person set looks at the order of the whole call
            return matter(part, caller, place, state, self._city, earlier, self._version)
        basis = _Basis(part, caller, place, state.started, state.closed.get(part.id, ""), tuple(earlier))
        key = part.id, len(earlier)
        known = self._made.get(key)
        if known is None or known[0] != basis:
            known = self._made[key] = basis, matter(part, caller, place, state, self._city, earlier, self._version)
        return known[1]

    def _address(self, of: str, readings: tuple[Reading, ...]) -> Address:
        known = self._placed.get(of)
        if known is None or known[0] != readings:
            known = self._placed[of] = readings, address(readings, self._city.gazetteer)
        return known[1]
