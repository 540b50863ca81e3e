"""Beside the calls, the watch over trends: a fold of reports into episodes, one alert for each. Pure."""

from __future__ import annotations

import uuid
from itertools import takewhile

import msgspec
from msgspec.structs import replace

from routing.trend_odds import chance_of
from routing.trend_rates import SEP, Rates, RateState, Usual
from routing.trend_report import Hours, Report
from routing.trend_rules import DAY_S, HOUR_S, SEVERITIES, WINDOWS, Threshold, TrendRules
from schemas.ids import ROOT
from schemas.trends import Scope, Severity


class Seen(msgspec.Struct, frozen=True, array_like=True):
    """A report in a window."""

    at: float  # unix seconds
    caller: str
    ticket: str
    place: str
    leaf: str
    grave: bool


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """Why a window spoke up."""

    window: str  # "2h" | "24h" | "7d"
    callers: int
    expected: float  # callers that are usual
    odds: float  # that chance has so many
    leaf: str = ""  # category they share; "" = the class only


class Episode(msgspec.Struct, kw_only=True):
    """One thing going on at one place, from its first report until it has been quiet. Alerted once."""

    id: str  # of class, place and first ticket: the same reports give the same id
    scope: Scope
    kind: str
    district: str
    street: str
    place: str  # "" = the street, or the city
    opened_at: float  # unix seconds of the report that made it one
    last_at: float  # of its newest report
    loud_at: float  # when a window last spoke up
    severity: Severity
    sign: Sign  # the least likely one it opened with
    reports: list[Seen]  # oldest first, the newest kept
    count: int  # of all its reports
    revision: int = 1  # rises with each change
    risen_at: float = 0.0  # of the report that last raised the severity
    closed: bool = False

    @property
    def callers(self) -> int:
        """Distinct callers among the reports kept."""
        return len({seen.caller for seen in self.reports})


class TrendState(msgspec.Struct):
    """The whole fold; can be written down and taken up again."""

    rates: RateState = msgspec.field(default_factory=RateState)
    windows: dict[str, list[Seen]] = {}  # "class|street|place" and "class|street" → newest reports in 7 days
    open: dict[str, Episode] = {}  # "class|street|place", "class|street" or "class" → episode
    swept: float = 0.0  # unix seconds when old windows were last dropped


class TrendWatch:
    """The same reports in the same order give the same episodes under the same ids, wherever the fold is taken up.

    Every report costs some tens of microseconds; memory is bounded by the rules.
    """

    def __init__(self, hours: Hours, rules: TrendRules | None = None, state: TrendState | None = None) -> None:
        self.rules = rules or TrendRules()
        self.state = state or TrendState()
        self._rates = Rates(hours, self.rules, self.state.rates)

    def meet(self, report: Report) -> list[Episode]:
        """Takes a report; returns the episodes it opened, grew or ended, as they stand now."""
        ended = self._sweep(report.at)
        self._rates.meet(report)
        seen = Seen(report.at, report.caller, report.ticket, report.place, report.leaf, report.grave)
        changed = self._at_place(report, seen) if report.street else None
        changed = changed or self._at_city(report, seen)
        return [*ended, *([changed] if changed else [])]

    # -- places and streets

    def _at_place(self, report: Report, seen: Seen) -> Episode | None:
        street, place = f"{report.kind}{SEP}{report.street}", f"{report.kind}{SEP}{report.street}{SEP}{report.place}"
        scopes: tuple[tuple[str, Scope], ...] = ((place, "place"), (street, "street"))
        for key, scope in scopes:
            episode = self.state.open.get(key)
            if episode is not None and (scope == "place" or episode.sign.leaf in ("", report.leaf)):
                signs = self._signs(report, scope, [*episode.reports, seen])
                return self._grow(episode, [seen], report.at, signs)
        here = self._window(place, seen) if report.place else []
        signs = self._signs(report, "place", here) if report.place else []
        if report.kind in self.state.open:  # told of for the whole city: only what bursts is news beside it
            signs = [s for s in signs if s.window != "7d"]
        around = self._window(street, seen)
        if signs:
            wider = self._beside(street, report, signs)
            if wider is not None:
                return self._widen(wider, street, here, report.at, signs)
            return self._open(place, "place", report, here, signs)
        signs = self._signs(report, "street", around)
        if report.kind in self.state.open:
            signs = [s for s in signs if s.window != "7d"]
        if not signs:
            return None
        wider = self._beside(street, report, signs)
        if wider is not None:
            return self._widen(wider, street, around, report.at, signs)
        return self._open(street, "street", report, around, signs)

    def _beside(self, street: str, report: Report, signs: list[Sign]) -> Episode | None:
        """An episode at another place of the street, of late and about the same, unless the street has its own."""
        if street in self.state.open:
            return None
        begin, since = f"{street}{SEP}", report.at - self.rules.widen_h * HOUR_S
        leaf = min(signs, key=lambda s: s.odds).leaf
        near = (e for k, e in self.state.open.items() if k.startswith(begin) and e.last_at >= since)
        return next((e for e in near if e.sign.leaf == leaf or not leaf), None)

    def _widen(self, episode: Episode, street: str, more: list[Seen], at: float, signs: list[Sign]) -> Episode:
        """A second place joins: the episode is the street's from here on."""
        self.state.open = {k: e for k, e in self.state.open.items() if e is not episode}
        self.state.open[street] = episode
        episode.scope, episode.place = "street", ""
        return self._grow(episode, more, at, signs)

    def _open(self, key: str, scope: Scope, report: Report, reports: list[Seen], signs: list[Sign]) -> Episode:
        inside = scope != "city"
        sign = min(signs, key=lambda s: s.odds)
        since = report.at - WINDOWS[sign.window]
        reports = [s for s in reports if s.at >= since and sign.leaf in ("", s.leaf)] if inside else reports
        episode = Episode(
            id=str(uuid.uuid5(ROOT, f"episode\x1f{key}\x1f{reports[0].ticket}")),
            scope=scope,
            kind=report.kind,
            district=report.district if inside else "",
            street=report.street if inside else "",
            place=report.place if scope == "place" else "",
            opened_at=report.at,
            last_at=report.at,
            loud_at=report.at,
            severity="ordinary",
            sign=sign,
            reports=list(reports),
            count=len(reports),
            risen_at=report.at,
        )
        episode.severity = self._severity(episode, signs)
        self.state.open[key] = episode
        street = f"{report.kind}{SEP}{report.street}"
        if inside:  # what an episode has told of is not told of again
            mine = {s.ticket for s in reports}
            self._drop(street, mine)
            if scope == "street":
                for place in {s.place for s in reports if s.place}:
                    self._drop(f"{street}{SEP}{place}", mine)
            else:
                self._drop(key, mine)
        return _copy(episode)

    def _grow(self, episode: Episode, more: list[Seen], at: float, signs: list[Sign]) -> Episode:
        known = {s.ticket for s in episode.reports}
        new = [s for s in more if s.ticket not in known]
        episode.reports = (episode.reports + new)[-self.rules.max_tickets :]
        episode.count += len(new)
        episode.last_at = at
        episode.revision += 1
        if signs:
            episode.loud_at = at
        severity = self._severity(episode, signs)
        if SEVERITIES.index(severity) > SEVERITIES.index(episode.severity):
            episode.severity, episode.risen_at = severity, at
        return _copy(episode)

    # -- the whole city

    def _at_city(self, report: Report, seen: Seen) -> Episode | None:
        at, kind = report.at, report.kind
        signs = []
        for threshold in self.rules.city:
            window = threshold.window
            count = int(self._rates.now(kind, window, at))
            if count < threshold.callers:
                continue
            usual = self._rates.in_city(kind, report.top, window, at)
            if self._sign(count, usual, threshold) is None:
                continue
            spread = count - int(self._rates.top_street(kind, window, at))  # one street alone is its own episode
            sign = self._sign(spread, usual, threshold)
            if sign:
                signs.append(sign)
        if (episode := self.state.open.get(kind)) is not None:
            return self._grow(episode, [seen], at, signs)
        if not signs:
            return None
        begin = f"{kind}{SEP}"
        held = {
            s.ticket: s
            for key, reports in self.state.windows.items()
            if key.startswith(begin)
            for s in reports
            if s.at >= at - DAY_S
        }
        known = sorted(held.values(), key=lambda s: s.at)[-self.rules.max_tickets :] or [seen]
        return self._open(kind, "city", report, known, signs)

    # -- windows

    def _window(self, key: str, seen: Seen) -> list[Seen]:
        """The reports of 7 days at a key, with this one."""
        begin = seen.at - WINDOWS["7d"]
        held = [s for s in self.state.windows.pop(key, ()) if s.at >= begin and s.ticket != seen.ticket]
        held = [*held, seen][-self.rules.max_seen :]
        self.state.windows[key] = held  # newest last: the first are the first to go
        if len(self.state.windows) > self.rules.max_windows:
            del self.state.windows[next(iter(self.state.windows))]
        return held

    def _drop(self, key: str, tickets: set[str]) -> None:
        """Takes reports out of a window; it keeps its turn."""
        if key in self.state.windows:
            self.state.windows[key] = [s for s in self.state.windows[key] if s.ticket not in tickets]

    def _signs(self, report: Report, scope: Scope, held: list[Seen]) -> list[Sign]:
        thresholds = self.rules.place if scope == "place" else self.rules.street
        signs = []
        for threshold in thresholds:
            window = threshold.window
            begin = report.at - WINDOWS[window]
            inside = [s for s in held if s.at >= begin]
            callers = len({s.caller for s in inside})
            if callers < threshold.callers:
                continue
            where = (report.kind, report.top, report.street)
            usual = (
                self._rates.in_place(*where, report.place, window, report.at)
                if scope == "place"
                else self._rates.in_street(*where, window, report.at)
            )
            alike = len({s.caller for s in inside if s.leaf == report.leaf})
            share = self._rates.share(report.kind, report.leaf)
            fine = Usual(usual.expected * share, usual.firmness)
            sign = self._sign(alike, fine, threshold)
            if sign:
                sign = replace(sign, leaf=report.leaf)
            sign = sign or self._sign(callers, usual, threshold, self.rules.mixed)
            if sign:
                signs.append(sign)
        return signs

    @staticmethod
    def _sign(callers: int, usual: Usual, threshold: Threshold, stricter: float = 1.0) -> Sign | None:
        if callers < threshold.callers or callers < threshold.times * usual.expected:
            return None
        odds = chance_of(callers, usual.expected, usual.firmness)
        if odds > threshold.odds * stricter:
            return None
        return Sign(window=threshold.window, callers=callers, expected=round(usual.expected, 3), odds=odds)

    def _severity(self, episode: Episode, signs: list[Sign]) -> Severity:
        rules = self.rules
        day = {s.caller for s in episode.reports if s.at >= episode.last_at - DAY_S}
        grave = sum(s.grave for s in episode.reports)
        if grave >= rules.urgent_grave or (episode.scope != "city" and len(day) >= rules.urgent_callers):
            return "urgent"
        burst = any(s.window == "2h" for s in signs)
        if episode.scope == "city" or burst or grave or episode.callers >= rules.hot_callers:
            return "hot"
        return "ordinary"

    # -- time passes

    def _sweep(self, at: float) -> list[Episode]:
        """Ends what has been quiet; drops windows nobody asks for any more. Looks once an hour of the reports' time."""
        state = self.state
        if at - state.swept < HOUR_S and len(state.open) <= self.rules.max_open:
            return []
        state.swept = at
        quiet = self.rules.quiet_h * HOUR_S
        over = {k for k, e in state.open.items() if at - e.loud_at > quiet}
        by_age = sorted(state.open, key=lambda k: state.open[k].last_at)
        over |= set(by_age[: max(0, len(by_age) - self.rules.max_open)])
        ended = [_ended(state.open[k]) for k in by_age if k in over]
        state.open = {k: e for k, e in state.open.items() if k not in over}
        begin = at - WINDOWS["7d"]
        for key in list(takewhile(lambda k: not state.windows[k] or state.windows[k][-1].at < begin, state.windows)):
            del state.windows[key]  # those least recently added to come first
        return ended


def _copy(episode: Episode) -> Episode:
    return replace(episode, reports=list(episode.reports))


def _ended(episode: Episode) -> Episode:
    episode.revision += 1
    episode.closed = True
    return _copy(episode)
