"""Tickets pile up at a place, over virtual weeks: when the watch speaks up, how often, and how much it remembers."""

from __future__ import annotations

import random
from datetime import datetime

import msgspec
import pytest

from routing.city.index import CityIndex
from routing.city.load import city_dir, load_city
from routing.trend_odds import chance_of
from routing.trend_report import Hours, PlaceKeys, Report
from routing.trend_rules import DAY_S, HOUR_S, TrendRules
from routing.trend_watch import Episode, TrendState, TrendWatch

CITY = CityIndex(load_city(city_dir("yunlan")))
HOURS = Hours(CITY)
MONDAY = datetime(2026, 9, 7, 0, 0, tzinfo=CITY.zone).timestamp()
STREETS = [p.code for p in CITY.pack.places if p.level == "street"]
HERE, THERE = STREETS[0], STREETS[1]


def report(n: int, at: float, street: str = HERE, place: str = "a", caller: str = "", **changes: object) -> Report:
    given = {"kind": "c-0702", "leaf": "c-070201", "top": "c-07", "district": "p-01", "grave": False} | changes
    return Report(ticket=f"t{n}", at=at, street=street, place=place, caller=caller or f"caller{n}", **given)  # type: ignore[arg-type]


class Watch:
    """The watch, and all it said."""

    def __init__(self, rules: TrendRules | None = None, state: TrendState | None = None) -> None:
        self.fold = TrendWatch(HOURS, rules, state)
        self.said: list[Episode] = []
        self.n = 0

    def at(self, at: float, **changes: object) -> list[Episode]:
        self.n += 1
        told = self.fold.meet(report(self.n, at, **changes))  # type: ignore[arg-type]
        self.said += told
        return told

    @property
    def opened(self) -> list[str]:
        return list(dict.fromkeys(e.id for e in self.said))

    def newest(self) -> Episode:
        return self.said[-1]


def test_three_callers_at_one_place_within_seven_days_are_an_episode() -> None:
    watch = Watch()
    assert watch.at(MONDAY) == [] and watch.at(MONDAY + 3 * DAY_S) == []
    (told,) = watch.at(MONDAY + 6 * DAY_S)
    assert (told.scope, told.place, told.callers, told.severity) == ("place", "a", 3, "ordinary")
    assert [s.ticket for s in told.reports] == ["t1", "t2", "t3"]


def test_three_calls_of_one_caller_or_three_in_nine_days_are_none() -> None:
    watch = Watch()
    for n in range(5):
        watch.at(MONDAY + n * HOUR_S, caller="me")
    for n in range(3):
        watch.at(MONDAY + n * 4.5 * DAY_S, place="b")
    for n in range(3):
        watch.at(MONDAY + n * HOUR_S, place=f"elsewhere{n}", street=STREETS[n + 2])
    assert watch.said == []


def test_one_episode_is_told_of_once_and_grows() -> None:
    watch = Watch()
    for n in range(9):
        watch.at(MONDAY + n * HOUR_S)
    assert len(watch.opened) == 1
    assert [e.revision for e in watch.said] == list(range(1, 8))
    assert (watch.newest().callers, watch.newest().severity) == (9, "hot")


def test_it_ends_in_quiet_and_only_new_callers_open_another() -> None:
    watch = Watch()
    for n in range(4):
        watch.at(MONDAY + n * HOUR_S)
    watch.at(MONDAY + 5 * DAY_S, place="b")
    assert watch.newest().closed
    watch.at(MONDAY + 5.1 * DAY_S)
    watch.at(MONDAY + 5.2 * DAY_S)
    assert len(watch.opened) == 1, "what was told of does not count again"
    watch.at(MONDAY + 5.3 * DAY_S)
    assert len(watch.opened) == 2


def test_a_second_place_of_the_street_widens_the_episode() -> None:
    watch = Watch()
    for n in range(8):
        watch.at(MONDAY + n * HOUR_S / 4, place="ab"[n % 2])
    assert len(watch.opened) == 1 and watch.newest().scope == "street" and watch.newest().callers == 8


def test_two_grave_tickets_or_many_callers_in_a_day_are_urgent() -> None:
    watch = Watch()
    for n in range(3):
        watch.at(MONDAY + n * DAY_S, grave=n > 0)
    assert watch.newest().severity == "urgent"
    many = Watch()
    for n in range(12):
        many.at(MONDAY + n * HOUR_S / 10)
    assert many.newest().severity == "urgent" and len(many.opened) == 1


def sorted_days(watch: Watch, first: int, days: int, a_day: int, street: str = "", seed: int = 7) -> None:
    dice = random.Random(seed)
    for day in range(first, first + days):
        for at in sorted(dice.uniform(7, 22) for _ in range(a_day)):
            watch.at(
                MONDAY + day * DAY_S + at * HOUR_S, street=street or dice.choice(STREETS), place=dice.choice("abcdefgh")
            )


def test_what_is_usual_at_a_place_is_no_news() -> None:
    watch = Watch()
    for week in range(10):
        for n in range(4):
            watch.at(MONDAY + week * 7 * DAY_S + n * DAY_S, caller=f"w{week}n{n}")
    late = [e for e in watch.said if e.opened_at > MONDAY + 35 * DAY_S]
    assert watch.opened and late == []


def test_a_season_that_comes_over_the_whole_city_is_told_once_and_not_street_by_street() -> None:
    watch = Watch()
    sorted_days(watch, 0, 30, 12)
    before = len(watch.opened)
    sorted_days(watch, 30, 14, 120)  # ten times as many, everywhere
    season = [e for e in watch.said if e.opened_at >= MONDAY + 30 * DAY_S]
    scopes = {e.id: e.scope for e in season}
    assert list(scopes.values()).count("city") == 1
    assert len(scopes) <= 12, f"of 1,680 tickets in 288 places; before it {before}"


def test_a_burst_stands_out_in_the_season() -> None:
    watch = Watch()
    sorted_days(watch, 0, 30, 12)
    sorted_days(watch, 30, 8, 120)
    for n in range(8):
        watch.at(MONDAY + 38 * DAY_S + 10 * HOUR_S + n * 300, street=THERE, place="b")
    assert (watch.newest().scope, watch.newest().street, watch.newest().place) == ("place", THERE, "b")


def test_night_calls_stand_out_where_day_calls_do_not() -> None:
    rates = Watch()
    sorted_days(rates, 0, 42, 200)
    day = rates.fold._rates.in_city("c-0702", "c-07", "2h", MONDAY + 42 * DAY_S + 15 * HOUR_S)
    night = rates.fold._rates.in_city("c-0702", "c-07", "2h", MONDAY + 42 * DAY_S + 4 * HOUR_S)
    assert day.expected > 5 * night.expected


def test_the_fold_taken_up_again_says_the_same_under_the_same_ids() -> None:
    whole, first = Watch(), Watch()
    sorted_days(whole, 0, 20, 40)
    sorted_days(first, 0, 9, 40)
    kept = msgspec.msgpack.encode(first.fold.state)
    second = Watch(state=msgspec.msgpack.decode(kept, type=TrendState))
    again = Watch()
    sorted_days(again, 0, 9, 40)  # the same first days, so that dice and numbers go on alike
    assert [e.id for e in again.said] == [e.id for e in first.said]
    second.n = first.n
    reports = [report(5000 + n, MONDAY + 9 * DAY_S + n * HOUR_S) for n in range(12)]
    assert [second.fold.meet(r) for r in reports] == [first.fold.meet(r) for r in reports]


def test_memory_stays_within_the_rules() -> None:
    rules = TrendRules(max_windows=200, max_rates=300, max_open=5, max_seen=4, max_tickets=6)
    watch = Watch(rules)
    dice = random.Random(3)
    for n in range(6000):
        street, place, kind = dice.choice(STREETS), str(dice.randrange(50)), f"c-{dice.randrange(40)}"
        watch.at(MONDAY + n * 600, street=street, place=place, kind=kind, leaf=kind)
        watch.at(MONDAY + n * 600, street=street, place="x", kind=f"k{n // 8}", leaf="x")
    state, rates = watch.fold.state, watch.fold.state.rates
    assert len(state.windows) <= 201 and all(len(w) <= 4 for w in state.windows.values())
    assert len(rates.long) <= 300 and len(rates.recent) <= 301 and len(rates.held) <= 9
    assert all(len(counts) <= 300 for _, counts, _ in rates.held)
    assert len(state.open) <= 6 and all(len(e.reports) <= 6 for e in state.open.values())
    assert watch.opened, "and it still sees"


@pytest.mark.parametrize(("count", "expected", "low", "high"), [(3, 0.1, 1e-5, 5e-3), (3, 3.0, 0.3, 0.8), (0, 1, 1, 1)])
def test_the_odds_of_chance(count: int, expected: float, low: float, high: float) -> None:
    assert low <= chance_of(count, expected, 2.0) <= high
    assert chance_of(20, 5.0, 1.5) > chance_of(20, 5.0, 30.0), "what is little known may well be more common"


def test_a_place_goes_by_its_code_or_its_words_without_the_door() -> None:
    keys = PlaceKeys(CITY)
    known = next(p for p in CITY.children(HERE) if p.level == "landmark")
    street = CITY.place(HERE)
    assert street is not None
    assert keys.key(HERE, "", f"{street.name}{known.name}3号楼2单元") == known.code
    assert keys.key(HERE, "", f"{street.name}无名小院3号楼501室") == keys.key(HERE, "", "无名小院门口") == "无名小院"


def test_a_holiday_is_a_day_of_its_own() -> None:
    holiday = datetime(2026, 10, 1, 10, 30, tzinfo=CITY.zone).timestamp()
    thursday = datetime(2026, 9, 10, 10, 30, tzinfo=CITY.zone).timestamp()
    assert HOURS.slot(thursday) == 3 * 24 + 10 and HOURS.slot(holiday) == 7 * 24 + 10
