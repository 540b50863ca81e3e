"""Beside the calls, what is usual: long-run rates by class and place, rhythm of the week, the class at large. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from heapq import nlargest
from itertools import islice

import msgspec

from routing.trend_report import Hours, Report
from routing.trend_rules import HOUR_S, WINDOWS, TrendRules

HELD_D = 7  # days a report waits before it counts as usual: what is going on must not excuse itself
FIRM = 30.0  # past reports beyond which more make no difference: a city is never quite Poisson
RHYTHM = 60.0  # reports that the rhythm of all classes counts against a class's own
HOLIDAYS = 1 / 30  # of all days
MOST_DAYS = 400  # of silence that are gone through one by one
FADED = 0.02  # a count under this is forgotten
SEP = "|"
SURGE = 2.0  # times the usual, from which a class is taken to be on the rise everywhere
LAG = 1.5  # a fading count is behind what begins: after one window it holds 63 % of it
LEAF = "#"  # begins the count of a category finer than the class


class Recent(msgspec.Struct):
    """Reports of late in each window, fading; brought up to `at` when touched."""

    at: float
    counts: dict[str, float]

    def upto(self, at: float, window: str) -> float:
        return self.counts.get(window, 0.0) * math.exp(-max(0.0, at - self.at) / WINDOWS[window])

    def add(self, at: float) -> None:
        self.counts = {w: self.upto(at, w) + 1.0 for w in WINDOWS}
        self.at = max(self.at, at)


class RateState(msgspec.Struct):
    """All that is remembered of the past; can be written down and taken up again."""

    first: int = 0  # first day met; 0 = none
    day: int = 0  # newest day met
    days: float = 0.0  # days that count as past, faded like the reports
    long: dict[str, float] = {}  # "class|street|place" and every part of it → faded count
    rhythm: dict[str, float] = {}  # "first level|slot" → faded count; first level "" = all
    held: list[tuple[int, dict[str, int], dict[str, int]]] = []  # of the last days: what waits for `long`, `rhythm`
    recent: dict[str, Recent] = {}  # "class" and "class|street"


class Usual(msgspec.Struct, frozen=True):
    """What a window usually holds, and how firmly that is known."""

    expected: float
    firmness: float


class Rates:
    """What is usual at a place. Memory is bounded by `max_rates` counts each of past, waiting days and of late."""

    def __init__(self, hours: Hours, rules: TrendRules, state: RateState | None = None) -> None:
        self._hours, self._rules = hours, rules
        self.state = state or RateState()
        self._totals: dict[str, float] = {}
        self._lengths: dict[tuple[str, str, int], float] = {}  # of this day's hours
        self._streets: dict[str, set[str]] = defaultdict(set)  # class → its keys of streets in `recent`
        for key in self.state.recent:
            if SEP in key:
                self._streets[key.partition(SEP)[0]].add(key)

    def meet(self, report: Report) -> None:
        """Counts a report; the days before it come to their end first."""
        s, day = self.state, self._hours.day(report.at)
        self._roll(day)
        if not s.held or s.held[-1][0] < day:
            s.held.append((day, {}, {}))
        _, counts, rhythm = s.held[-1]
        for key in _keys(report):
            if key in counts or len(counts) < self._rules.max_rates:
                counts[key] = counts.get(key, 0) + 1
        for first in ("", report.top):
            slot = f"{first}{SEP}{self._hours.slot(report.at)}"
            rhythm[slot] = rhythm.get(slot, 0) + 1
        for key in (report.kind, f"{report.kind}{SEP}{report.street}"):
            held = s.recent.pop(key, None) or Recent(report.at, {})
            held.add(report.at)
            s.recent[key] = held  # newest last: the first are the first to go
            if SEP in key:
                self._streets[report.kind].add(key)
        if len(s.recent) > self._rules.max_rates:
            for key in list(islice(s.recent, len(s.recent) // 10 + 1)):
                del s.recent[key]
                self._streets[key.partition(SEP)[0]].discard(key)

    def in_city(self, kind: str, top: str, window: str, at: float) -> Usual:
        """Of a class in the whole city."""
        total = self.state.long.get(kind, 0.0)
        return Usual((total + 0.5) / (self.state.days + 1) * self._length(top, window, at), min(FIRM, total + 2.0))

    def in_street(self, kind: str, top: str, street: str, window: str, at: float) -> Usual:
        """Of a class in a street: its own past, or its share of what the other streets see now, whichever is more."""
        long, rules = self.state.long, self._rules
        streets = (long.get(f"{SEP}{street}", 0.0) + 1.0) / (long.get("", 0.0) + rules.streets)
        own = long.get(f"{kind}{SEP}{street}", 0.0)
        known = own + 20.0 * streets
        share = min(0.9, known / (long.get(kind, 0.0) + 20.0))
        past = self.in_city(kind, top, window, at).expected * share
        elsewhere = self.now(kind, window, at) - self.now(f"{kind}{SEP}{street}", window, at)
        if elsewhere > SURGE * self.in_city(kind, top, window, at).expected:
            elsewhere *= LAG
        now = max(0.0, elsewhere) * share / (1 - share)
        if now > past:
            return Usual(now, min(FIRM, known + 0.5))
        return Usual(past, min(FIRM, known + 0.5))

    def in_place(self, kind: str, top: str, street: str, place: str, window: str, at: float) -> Usual:
        """Of a class at a place: its share of the street."""
        long, there = self.state.long, f"{SEP}{street}{SEP}{place}"
        usual = self.in_street(kind, top, street, window, at)
        places = self._rules.places
        among = (long.get(there, 0.0) + 1.0) / (long.get(f"{SEP}{street}", 0.0) + places)
        known = long.get(f"{kind}{there}", 0.0) + places * among
        share = min(1.0, known / (long.get(f"{kind}{SEP}{street}", 0.0) + places))
        return Usual(usual.expected * share, min(FIRM, usual.firmness, known))

    def share(self, kind: str, leaf: str) -> float:
        """Of a class, how much one finer category usually makes up."""
        if leaf == kind:
            return 1.0
        return min(1.0, (self.state.long.get(f"{LEAF}{leaf}", 0.0) + 1.0) / (self.state.long.get(kind, 0.0) + 3.0))

    def now(self, key: str, window: str, at: float) -> float:
        """Reports of late of a class, or of a class in a street ("class|street"), about as many as the window holds."""
        held = self.state.recent.get(key)
        return held.upto(at, window) if held else 0.0

    def top_street(self, kind: str, window: str, at: float) -> float:
        """Most that one street has of a class of late."""
        return max((self.now(key, window, at) for key in self._streets.get(kind, ())), default=0.0)

    def _length(self, top: str, window: str, at: float) -> float:
        """Of the window in days, each hour weighed by how busy it usually is."""
        if window == "7d":
            return 7.0
        asked = (top, window, int(at // HOUR_S))
        if asked not in self._lengths:
            hours = round(WINDOWS[window] / HOUR_S)
            busy = (self._busy(top, self._hours.slot(at - h * HOUR_S)) for h in range(hours))
            self._lengths[asked] = sum(busy) / 24
        return self._lengths[asked]

    def _busy(self, top: str, slot: int) -> float:
        """How busy an hour is against the average hour; 1.0 when nothing is known."""
        return self._weight(top, slot, self._weight("", slot, 1.0, RHYTHM * 4), RHYTHM)

    def _weight(self, first: str, slot: int, prior: float, worth: float) -> float:
        past = self.state.days * (1 / 7 if slot < 7 * 24 else HOLIDAYS)  # hours like this one
        alike = past * self._total(first) / max(1.0, self.state.days * 24)  # its reports, were all hours the same
        seen = self.state.rhythm.get(f"{first}{SEP}{slot}", 0.0)
        worth /= Hours.SLOTS
        return (seen + prior * worth) / (alike + worth)

    def _total(self, first: str) -> float:
        if first not in self._totals:
            begin = f"{first}{SEP}"
            self._totals[first] = sum(n for k, n in self.state.rhythm.items() if k.startswith(begin))
        return self._totals[first]

    def _roll(self, day: int) -> None:
        """Ends the days before `day`: what has waited long enough becomes past, and the past fades."""
        s = self.state
        if s.first == 0:
            s.first = s.day = day
        fade = 0.5 ** (1 / self._rules.half_life_d)
        for now in range(max(s.day, day - MOST_DAYS) + 1, day + 1):
            s.days = s.days * fade + (now - HELD_D > s.first)
            s.long = {k: n * fade for k, n in s.long.items()}
            s.rhythm = {k: n * fade for k, n in s.rhythm.items()}
            while s.held and s.held[0][0] < now - HELD_D:
                _, counts, rhythm = s.held.pop(0)
                for past, new in ((s.long, counts), (s.rhythm, rhythm)):
                    for k, n in new.items():
                        past[k] = past.get(k, 0.0) + n
        if s.day < day:
            s.day = day
            self._totals.clear()
            self._lengths.clear()
            most = self._rules.max_rates
            kept = ((k, n) for k, n in s.long.items() if n >= FADED)
            s.long = dict(nlargest(most, kept, key=lambda e: e[1])) if len(s.long) > most else dict(kept)


def _keys(report: Report) -> tuple[str, ...]:
    """Every part of class | street | place that is asked for."""
    street, place = f"{SEP}{report.street}", f"{SEP}{report.street}{SEP}{report.place}"
    fine = (f"{LEAF}{report.leaf}",) if report.leaf != report.kind else ()
    return ("", report.kind, street, place, report.kind + street, report.kind + place, *fine)
