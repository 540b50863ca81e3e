"""`hotline evaluate trends`: repeats, groups and episodes of generated weeks against what was planted in them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from statistics import median

import msgspec

from pipeline.run.trend_town import SHAPES, Planted, Town, TownTicket, generate
from routing.city.index import CityIndex
from routing.duplicates import EarlierTicket, find_duplicate
from routing.figures import Figure, proportion
from routing.trend_report import Hours, Report
from routing.trend_rules import DAY_S, WINDOWS, TrendRules
from routing.trend_watch import Episode, TrendWatch

ASKED = 20  # earlier tickets per question, as the store answers
MOST_PLAIN = 3  # callers of the plain rule


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """How often a proposal was right, and how much of what was there it found."""

    precision: Figure
    recall: Figure


class Alerts(msgspec.Struct, frozen=True, kw_only=True):
    """Of a watch."""

    found: Figure  # planted episodes
    found_by_shape: dict[str, Figure]
    right: Figure  # alerts that rest mostly on one planted episode
    split: int  # further alerts for an episode already told of
    false_per_day: float
    false_hot_per_day: float  # of these not merely 普通
    delay_h_median: float  # hours from the third caller to the alert
    delay_h_p90: float
    callers_at_alert_median: float


class TrendFigures(msgspec.Struct, frozen=True, kw_only=True):
    """All of the trial."""

    seeds: tuple[int, ...]
    tickets: int
    days: float  # counted, over all seeds
    repeats: Pair  # same caller, same matter
    groups: Pair  # other callers of the same planted episode, at one place
    alerts: Alerts
    plain_rule: Alerts  # same class and place, at least 3 callers in 7 days, without a baseline


class _Alarm(msgspec.Struct, frozen=True):
    at: float
    tickets: tuple[str, ...]
    callers: int
    severity: str


def try_trends(
    city: CityIndex, seeds: Sequence[int], a_day: int = 300, rules: TrendRules | None = None
) -> TrendFigures:
    """The figures over the towns of some seeds."""
    rules = rules or TrendRules()
    towns = [generate(city, seed=seed, a_day=a_day) for seed in seeds]
    days = sum((t.tickets[-1].at - t.counted_from) / DAY_S for t in towns)
    repeats, groups = _repeats(city, towns)
    watched = [(town, _watched(city, town, rules)) for town in towns]
    plain = [(town, _plain(city, town, rules)) for town in towns]
    return TrendFigures(
        seeds=tuple(seeds),
        tickets=sum(len(t.tickets) for t in towns),
        days=round(days, 1),
        repeats=repeats,
        groups=groups,
        alerts=_judged(watched, days),
        plain_rule=_judged(plain, days),
    )


def report_of(city: CityIndex, ticket: TownTicket, rules: TrendRules) -> Report:
    """A generated ticket as the watch would count it."""
    path = city.category_path(ticket.category)
    district = city.district(ticket.street)
    return Report(
        ticket=ticket.no,
        at=ticket.at,
        kind=path[min(rules.class_level, len(path)) - 1].code,
        leaf=path[-1].code,
        top=path[0].code,
        district=district.code if district else "",
        street=ticket.street,
        place=ticket.place,
        caller=ticket.phone or ticket.no,
        grave=ticket.grave,
    )


def _watched(city: CityIndex, town: Town, rules: TrendRules) -> list[_Alarm]:
    watch = TrendWatch(Hours(city), rules)
    told: dict[str, Episode] = {}
    for ticket in town.tickets:
        for episode in watch.meet(report_of(city, ticket, rules)):
            told.setdefault(episode.id, episode)
    return [_Alarm(e.opened_at, tuple(s.ticket for s in e.reports), e.callers, e.severity) for e in told.values()]


def _plain(city: CityIndex, town: Town, rules: TrendRules) -> list[_Alarm]:
    """The published rule alone: told again only when the place was quiet for seven days."""
    held: dict[tuple[str, str], list[Report]] = defaultdict(list)
    told: dict[tuple[str, str], float] = {}
    found = []
    for ticket in town.tickets:
        report = report_of(city, ticket, rules)
        if not report.place:
            continue
        key = (report.kind, report.place)
        held[key] = [r for r in held[key] if r.at > report.at - WINDOWS["7d"]] + [report]
        callers = len({r.caller for r in held[key]})
        if callers >= MOST_PLAIN:
            if report.at - told.get(key, 0.0) > WINDOWS["7d"]:
                found.append(_Alarm(report.at, tuple(r.ticket for r in held[key]), callers, "ordinary"))
            told[key] = report.at
    return found


def _judged(watched: Iterable[tuple[Town, list[_Alarm]]], days: float) -> Alerts:
    hits: dict[str, list[int]] = {shape: [] for shape in SHAPES}
    right = said = split = false = hot = 0
    delays: list[float] = []
    callers: list[int] = []
    for town, alarms in watched:
        of = {t.no: t.episode for t in town.tickets}
        by_episode: dict[str, list[_Alarm]] = defaultdict(list)
        for alarm in alarms:
            if alarm.at < town.counted_from:
                continue
            said += 1
            episode, n = Counter(of[t] for t in alarm.tickets).most_common(1)[0]
            if episode and 2 * n >= len(alarm.tickets):
                by_episode[episode].append(alarm)
                right += 1
            else:
                false += 1
                hot += alarm.severity != "ordinary"
        for planted in town.planted:
            told = by_episode.get(planted.id, [])
            hits[planted.shape].append(bool(told))
            if told:
                split += len(told) - 1
                delays.append(_delay(planted, told))
                callers.append(min(told, key=lambda a: a.at).callers)
    every = [hit for found in hits.values() for hit in found]
    delays.sort()
    return Alerts(
        found=proportion(sum(every), len(every)),
        found_by_shape={shape: proportion(sum(found), len(found)) for shape, found in hits.items()},
        right=proportion(right, said),
        split=split,
        false_per_day=round(false / days, 3),
        false_hot_per_day=round(hot / days, 3),
        delay_h_median=round(median(delays), 2) if delays else 0.0,
        delay_h_p90=round(delays[int(0.9 * len(delays))], 2) if delays else 0.0,
        callers_at_alert_median=float(median(callers)) if callers else 0.0,
    )


def _delay(planted: Planted, told: list[_Alarm]) -> float:
    return max(0.0, (min(a.at for a in told) - planted.third) / 3600)


def _repeats(city: CityIndex, towns: Sequence[Town]) -> tuple[Pair, Pair]:
    """Each ticket of the counted weeks is held against those before it, as the store would name them."""
    own = [0, 0, 0]  # proposed and right, proposed, there
    group = [0, 0, 0]
    for town in towns:
        by_phone: dict[str, list[TownTicket]] = defaultdict(list)
        by_matter: dict[tuple[str, str], list[TownTicket]] = defaultdict(list)
        for ticket in town.tickets:
            if ticket.at >= town.counted_from:
                _count(city, ticket, by_phone, by_matter, own, group)
            if ticket.phone:
                by_phone[ticket.phone].append(ticket)
            for key in _asked(city, ticket):
                by_matter[key].append(ticket)
    return _pair(own), _pair(group)


def _count(
    city: CityIndex,
    ticket: TownTicket,
    by_phone: dict[str, list[TownTicket]],
    by_matter: dict[tuple[str, str], list[TownTicket]],
    own: list[int],
    group: list[int],
) -> None:
    mine = by_phone[ticket.phone][-ASKED:] if ticket.phone else []
    keys = _asked(city, ticket)
    near = by_matter[keys[-1]][-ASKED:] if keys else []
    places = {p for p in (ticket.place, ticket.street) if p}
    names = {p.name for code in places if (p := city.place(code)) and p.level != "street"}
    path = city.category_path(ticket.category)
    found = find_duplicate(
        [_earlier(t, ticket.at) for t in dict.fromkeys((*mine, *near))],
        frozenset((ticket.phone,)) if ticket.phone else frozenset(),
        ticket.category,
        frozenset(places | names),
        datetime.fromtimestamp(ticket.at, UTC),
        text=ticket.text,
        kin=frozenset(c.code for c in city.subcategories(path[1].code)) if len(path) > 1 else frozenset(),
        street=ticket.street,
    )
    said = {t.no: t for t in (*mine, *near)}.get(found.ticket.ticket_no) if found else None
    again = any(t.matter == ticket.matter for t in mine)
    own[2] += again
    if said is not None and found is not None and found.relation == "own":
        own[1] += 1
        own[0] += said.matter == ticket.matter
    beside = bool(ticket.episode) and any(t.episode == ticket.episode for t in near)
    group[2] += beside
    if said is not None and found is not None and found.relation == "others":
        group[1] += 1
        group[0] += bool(ticket.episode) and said.episode == ticket.episode


def _asked(city: CityIndex, ticket: TownTicket) -> list[tuple[str, str]]:
    """Under which questions of class and place the store finds a ticket; the last is the one asked for it."""
    path = city.category_path(ticket.category)
    kind = path[min(2, len(path)) - 1].code
    return [(kind, place) for place in (ticket.street, ticket.place) if place]


def _earlier(t: TownTicket, now: float) -> EarlierTicket:
    """As it stands by now: closed after two to nine days, whatever it is about."""
    handled = (2 + int(t.no[1:]) % 8) * DAY_S
    return EarlierTicket(
        ticket_no=t.no,
        state="closed" if now - t.at > handled else "in_progress",
        category=t.category,
        place=t.place or t.street,
        lead_unit="",
        created_at=datetime.fromtimestamp(t.at, UTC),
        phone=t.phone,
        text=t.text,
    )


def _pair(counts: list[int]) -> Pair:
    right, said, there = counts
    return Pair(precision=proportion(right, said), recall=proportion(right, there))
