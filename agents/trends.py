"""Trends, beside the calls: tickets in the order of the record become episodes in words. A pure fold.

A trend spans calls, and with them the lanes of the log: what orders it is the record, where every ticket a person
confirmed has its number. So the same tickets give the same episodes on every engine, and after every restart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from routing.city.index import CityIndex
from routing.trend_report import Hours, PlaceKeys, Report
from routing.trend_rules import WINDOW_WORDS, TrendRules
from routing.trend_watch import Episode, TrendState, TrendWatch
from schemas.ticket import Ticket
from schemas.trends import SEVERITY_NAMES, EpisodeView

VERSION = "trends/1"
LEFT_OUT = frozenset(("praise",))  # kinds that tell of no trouble


class Told(msgspec.Struct, frozen=True):
    """An episode after one more ticket, and the tickets it rests on, oldest first."""

    view: EpisodeView
    tickets: tuple[str, ...]


class Trends:
    """Promise: a function of the tickets met, in their order. What it remembers can be written down and taken up."""

    def __init__(self, index: CityIndex, rules: TrendRules | None = None, memory: bytes = b"") -> None:
        """`memory`: what `remembered` gave under the same `mark`."""
        self.rules = rules or TrendRules()
        self._index, self._keys = index, PlaceKeys(index)
        state = msgspec.msgpack.decode(memory, type=TrendState) if memory else None
        self._watch = TrendWatch(Hours(index), self.rules, state)

    @property
    def mark(self) -> str:
        """Of version and rules: another mark, another memory."""
        return hashlib.sha256(VERSION.encode() + msgspec.json.encode(self.rules)).hexdigest()

    def remembered(self) -> bytes:
        """All that the next ticket is judged by."""
        return msgspec.msgpack.encode(self._watch.state)

    def meet(self, ticket: Ticket, caller: str) -> list[Told]:
        """Takes a ticket. `caller`: the same word for the same caller, "" = not known."""
        report = self.report(ticket, caller)
        if report is None:
            return []
        return [self._told(episode) for episode in self._watch.meet(report)]

    def report(self, ticket: Ticket, caller: str) -> Report | None:
        """What counts of a ticket; None when it tells of no trouble, or of none we can name."""

        def said(field: str) -> str:
            return ticket.fields[field].value if field in ticket.fields else ""

        path = self._index.category_path(said("category"))
        if not path or said("kind") in LEFT_OUT:
            return None
        street = self._street(said("street"), said("district"), said("community"))
        district = self._index.district(street) or self._index.district(said("district"))
        return Report(
            ticket=ticket.id,
            at=datetime.fromisoformat(ticket.created_at).timestamp(),
            kind=path[min(self.rules.class_level, len(path)) - 1].code,
            leaf=path[-1].code,
            top=path[0].code,
            district=district.code if district else "",
            street=street,
            place=self._keys.key(street, said("community"), said("incident_place")) if street else "",
            caller=caller or ticket.id,
            grave=said("urgency") == "critical",
        )

    def _street(self, street: str, district: str, community: str) -> str:
        for code in (street, community):
            place = self._index.place_above(code, "street")
            if place is not None:
                return place.code
        near = self._index.place_above(district, "district")
        inside = self._index.children(near.code) if near and street else ()
        return next((p.code for p in inside if p.level == "street" and street in (p.name, *p.aliases)), "")

    def _told(self, episode: Episode) -> Told:
        sign, index = episode.sign, self._index
        category = index.category(sign.leaf or episode.kind)
        name = category.name if category else episode.kind
        district, street = index.place(episode.district), index.place(episode.street)
        place = self._keys.name(episode.place)
        where = "".join(p.name for p in (district, street) if p) + place if episode.scope != "city" else "全市"
        ending = {"place": "", "street": "多处", "city": "多个街道"}[episode.scope]
        usual = f"通常约{sign.expected:.1f}人" if sign.expected >= 0.1 else "通常少见"
        reason = f"{WINDOW_WORDS[sign.window]}内{sign.callers}位不同来电人反映，{usual}"
        if any(seen.grave for seen in episode.reports):
            reason += f"；其中特急{sum(seen.grave for seen in episode.reports)}件"
        view = EpisodeView(
            id=episode.id,
            revision=episode.revision,
            scope=episode.scope,
            severity=episode.severity,
            kind=sign.leaf or episode.kind,
            kind_name=name,
            district=episode.district,
            street=episode.street,
            place=episode.place,
            where=where + ending,
            title=f"{SEVERITY_NAMES[episode.severity]}：{where}{ending}{name}",
            reason=reason,
            window=sign.window,
            callers=episode.callers,
            count=episode.count,
            expected=sign.expected,
            opened_at=_iso(episode.opened_at),
            last_at=_iso(episode.last_at),
            risen_at=_iso(episode.risen_at),
            closed=episode.closed,
        )
        return Told(view, tuple(seen.ticket for seen in episode.reports))


def newest(told: Sequence[Told]) -> list[Told]:
    """Of each episode only as it stood last."""
    return list({t.view.id: t for t in told}.values())


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
