"""Trial of trends, the tickets to try it on: weeks of a city with its rhythm, planted repeats and planted episodes."""

from __future__ import annotations

import itertools
import random
from bisect import bisect
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal

import msgspec

from pipeline.demo.history_shape import OFTEN, day_weight, factor, season, second_of_day
from routing.city.index import CityIndex
from schemas.catalogue import Category, Place

Shape = Literal["burst", "slow", "few", "street", "city"]
SHAPES: tuple[Shape, ...] = ("burst", "slow", "few", "street", "city")
# Gold of a ticket stands in `matter` and `episode`; the rest is what the house would know of it, with its faults.
OTHER_LEAF, OTHER_CLASS, NO_PLACE, NO_STREET, NO_NUMBER = 0.07, 0.04, 0.10, 0.03, 0.03
AGAIN, ELSE = 0.07, 0.05  # of callers: call again on the same matter | on another one
_AGAIN_WORDS = (
    "前几天打过电话反映，到现在没有人处理。",
    "之前反映过一次了，还是老样子。",
    "上次打了电话一直没有回复。",
    "",
)
_FILLERS = ("就是", "那个", "你好", "麻烦问一下", "我想反映", "嗯", "请你们", "")
_DETAILS = ("已经{n}天了", "大概{n}户受影响", "从{n}号开始的", "说了{n}次了", "影响到{n}楼的住户", "")


class TownTicket(msgspec.Struct, frozen=True, kw_only=True):
    """A generated ticket."""

    no: str
    at: float  # unix seconds
    category: str  # leaf as booked, sometimes wrong
    street: str
    place: str  # code; "" = not asked for
    text: str
    phone: str
    matter: str  # gold: the same caller's same matter has the same word
    episode: str  # gold; "" = none
    grave: bool


class Planted(msgspec.Struct, frozen=True, kw_only=True):
    """A gold episode."""

    id: str
    shape: Shape
    first: float  # unix seconds
    third: float  # of its third caller


class Town(msgspec.Struct, frozen=True, kw_only=True):
    """All that was generated, tickets in their order."""

    tickets: tuple[TownTicket, ...]
    planted: tuple[Planted, ...]
    counted_from: float  # unix seconds: before it the watch only learns


class _Matter(msgspec.Struct, frozen=True):
    id: str
    leaf: Category
    street: Place
    place: Place
    words: str


class _Maker:
    def __init__(self, city: CityIndex, seed: int) -> None:
        self.city, self.dice = city, random.Random(seed)
        self.leaves = city.leaves()
        self.streets = [p for d in city.children(None) for p in city.children(d.code) if p.level == "street"]
        self.inside = {s.code: city.children(s.code) for s in self.streets}
        self.streets = [s for s in self.streets if self.inside[s.code]]
        self.crowded = [self.dice.paretovariate(1.4) for _ in self.streets]
        self.usual = [factor(leaf.name, OFTEN) * self.dice.uniform(0.5, 1.6) for leaf in self.leaves]
        self.made: list[TownTicket] = []
        self._matters, self._phones = itertools.count(1), itertools.count(1)

    def matter(self, leaf: Category, street: Place | None = None, place: Place | None = None) -> _Matter:
        street = street or self.dice.choices(self.streets, self.crowded)[0]
        place = place or self.dice.choice(self.inside[street.code])
        detail = self.dice.choice(_DETAILS).format(n=self.dice.randrange(2, 30))
        words = self.dice.choice(leaf.examples or (leaf.name,)).rstrip("。") + ("，" + detail if detail else "")
        return _Matter(f"m{next(self._matters)}", leaf, street, place, words)

    def ticket(self, matter: _Matter, at: float, phone: str, episode: str = "", again: bool = False) -> None:
        dice, leaf = self.dice, matter.leaf
        roll = dice.random()
        if roll < OTHER_LEAF:
            leaf = dice.choice(self.city.subcategories(leaf.parent))
        elif roll < OTHER_LEAF + OTHER_CLASS:
            leaf = dice.choice(self.leaves)
        roll = dice.random()
        street = "" if roll < NO_STREET else matter.street.code
        place = "" if roll < NO_STREET + NO_PLACE else matter.place.code
        self.made.append(
            TownTicket(
                no="",
                at=at,
                category=leaf.code,
                street=street,
                place=place,
                text=self.said(matter, place, again),
                phone="" if dice.random() < NO_NUMBER else phone,
                matter=f"{matter.id}/{phone}",
                episode=episode,
                grave=dice.random() < 0.01,
            )
        )

    def said(self, matter: _Matter, place: str, again: bool) -> str:
        """The matter in other words each time: fillers, clauses left out or in another order, another example."""
        dice = self.dice
        words = matter.words
        if dice.random() < 0.25:
            words = dice.choice(matter.leaf.examples or (words,))
        clauses = [c for c in words.split("，") if c]
        if len(clauses) > 2 and dice.random() < 0.5:
            clauses.pop(dice.randrange(len(clauses)))
        if dice.random() < 0.3:
            dice.shuffle(clauses)
        begin = dice.choice(_AGAIN_WORDS) if again else ""
        where = matter.place.name if place else ""
        return begin + where + dice.choice(_FILLERS) + "，".join(clauses)

    def phone(self) -> str:
        """Another one each time; 0000 stands where a real one names its exchange."""
        n = next(self._phones)
        return f"1{3 + n // 10_000 % 7}{n // 70_000 % 10}0000{n % 10_000:04d}"


def generate(
    city: CityIndex, *, seed: int = 1, days: int = 84, learn: int = 42, a_day: int = 300, episodes: int = 60,
    first: date = date(2026, 9, 21),
) -> Town:  # fmt: skip
    """The town of a seed: `days` from `first`, of which the first `learn` hold no planted episode."""
    m = _Maker(city, seed)
    for n in range(days):
        _usual_day(m, first + timedelta(days=n), first, a_day, days)
    zone = city.zone
    begin = datetime.combine(first + timedelta(days=learn), datetime.min.time(), zone).timestamp()
    end = datetime.combine(first + timedelta(days=days - 7), datetime.min.time(), zone).timestamp()
    shapes = [SHAPES[n % 4] if n % 15 else "city" for n in range(episodes)]
    for n, shape in enumerate(shapes):
        _episode(m, f"e{n}", shape, m.dice.uniform(begin, end), a_day)
    made = sorted(m.made, key=lambda t: t.at)
    tickets = tuple(msgspec.structs.replace(t, no=f"T{n:06d}") for n, t in enumerate(made))
    return Town(tickets=tickets, planted=_planted(tickets, shapes), counted_from=begin)


def _usual_day(m: _Maker, day: date, first: date, a_day: int, days: int) -> None:
    dice, city = m.dice, m.city
    weights = [w * season(leaf.name, day) for w, leaf in zip(m.usual, m.leaves, strict=True)]
    edges = list(itertools.accumulate(weights))
    midnight = datetime.combine(day, datetime.min.time(), city.zone).timestamp()
    busy = day_weight(city, day, first) * dice.uniform(0.88, 1.12)
    for _ in range(round(a_day * busy)):
        leaf = m.leaves[bisect(edges, dice.random() * edges[-1])]
        at, phone, matter = midnight + second_of_day(leaf.name, dice), m.phone(), m.matter(leaf)
        m.ticket(matter, at, phone)
        if dice.random() < AGAIN:
            for _ in range(dice.choice((1, 1, 1, 2, 3))):
                at += dice.uniform(0.2, 12) * 86400
                m.ticket(matter, at, phone, again=True)
        elif dice.random() < ELSE:  # the same caller, another matter: mostly near by, sometimes of the same class
            near = dice.random()
            other = dice.choice(city.subcategories(leaf.parent)) if near < 0.4 else dice.choice(m.leaves)
            place = matter.place if near > 0.7 else None
            m.ticket(m.matter(other, matter.street, place), at + dice.uniform(0.2, 20) * 86400, phone)


def _episode(m: _Maker, id_: str, shape: Shape, first: float, a_day: int) -> None:
    dice = m.dice
    leaf = dice.choice(m.leaves)
    street = dice.choices(m.streets, m.crowded)[0]
    shared = m.matter(leaf, street)
    callers, hours = {
        "burst": (dice.randrange(5, 26), dice.uniform(1, 6)),
        "slow": (dice.randrange(5, 13), dice.uniform(72, 160)),
        "few": (dice.randrange(3, 5), dice.uniform(6, 140)),
        "street": (dice.randrange(10, 41), dice.uniform(2, 24)),
        "city": (max(40, round(a_day * dice.uniform(0.15, 0.4))), dice.uniform(8, 24)),
    }[shape]
    for _ in range(callers):
        matter = shared
        if shape == "street":
            place = dice.choice(m.inside[street.code])
            matter = msgspec.structs.replace(shared, place=place)
        elif shape == "city":
            matter = msgspec.structs.replace(m.matter(leaf), words=shared.words)
        m.ticket(matter, first + dice.betavariate(1.2, 1.8) * hours * 3600, m.phone(), id_)


def _planted(tickets: Sequence[TownTicket], shapes: Sequence[Shape]) -> tuple[Planted, ...]:
    of: dict[str, list[float]] = {}
    for t in tickets:
        if t.episode:
            of.setdefault(t.episode, []).append(t.at)
    return tuple(
        Planted(id=f"e{n}", shape=shape, first=of[f"e{n}"][0], third=of[f"e{n}"][2]) for n, shape in enumerate(shapes)
    )
