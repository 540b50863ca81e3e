"""The made-up year: marked, repeatable, shaped like a year of calls, and quick to count."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from console.decide_city import city_facts
from console.decide_states import MOVES
from console.ports import RoutingQuery, TicketQuery, TrendQuery
from pipeline.demo.history import MARK, Familiar, describe, make_history, seed_history
from pipeline.store.history_load import MadeTicket, load_made
from pipeline.store.sql_store import SqlStore
from routing.city.index import CityIndex
from routing.city.load import city_dir, load_city
from schemas.commands import Actor
from tests.contract.quick import quick_folder

UNTIL = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
PACK = load_city(city_dir("yunlan"))
CITY = CityIndex(PACK)
SUPERVISOR = Actor(user="s", login="s", name="s", role="supervisor")
N = 3000


@pytest.fixture
async def store() -> AsyncIterator[SqlStore]:
    with quick_folder() as folder:
        made = SqlStore(folder / "record.db", city_facts(PACK))
        yield made
        await made.close()


@pytest.fixture(scope="module")
def year() -> list[MadeTicket]:
    return list(make_history(city_facts(PACK), CITY, UNTIL, 7, N))


def by_month(year: list[MadeTicket], word: str) -> Counter[int]:
    return Counter(int(m.ticket.created_at[5:7]) for m in year if word in m.ticket.fields["category"].label)


async def test_the_same_seed_makes_the_same_year_and_another_another(year: list[MadeTicket]) -> None:
    again = make_history(city_facts(PACK), CITY, UNTIL, 7, N)
    assert all(describe(a) == describe(b) for a, b in zip(year, again, strict=True))
    other = list(make_history(city_facts(PACK), CITY, UNTIL, 8, N))
    assert describe(other[0]) != describe(year[0])


async def test_every_ticket_is_marked_and_lies_in_the_year_before_today(year: list[MadeTicket]) -> None:
    for made in year:
        assert made.ticket.synthetic and made.ticket.label == MARK and made.ticket.call is None
        assert "2025-11-20T16:00" <= made.ticket.created_at < "2026-11-20T16:00"  # days of the city
        assert all(h.at < "2026-11-21T03:00" for h in made.history)
    assert len({m.ticket.ticket_no for m in year}) == N


async def test_numbers_are_nobodys_and_all_names_of_codes_are_the_citys(year: list[MadeTicket]) -> None:
    for made in year:
        fields = made.ticket.fields
        assert fields["contact_phone"].value[3:7] == "0000"
        assert CITY.category(fields["category"].value) is not None
        assert CITY.place(fields["district"].value) is not None
        if made.ticket.lead_unit:
            unit = CITY.unit(made.ticket.lead_unit)
            assert unit is not None and unit.kind not in ("outside", "emergency")


async def test_the_seasons_show(year: list[MadeTicket]) -> None:
    heating = by_month(year, "暖")
    assert sum(heating[m] for m in (11, 12, 1, 2, 3)) > 8 * sum(heating[m] for m in (5, 6, 7, 8, 9))
    noise = by_month(year, "噪声")
    assert sum(noise[m] for m in (6, 7, 8)) > 1.5 * sum(noise[m] for m in (12, 1, 2))
    wages = by_month(year, "欠薪") + by_month(year, "拖欠工资")
    assert sum(wages[m] for m in (12, 1, 2)) > 1.5 * sum(wages[m] for m in (4, 5, 6))
    nights = [m for m in year if "噪声" in m.ticket.fields["category"].label]
    late = sum(
        datetime.fromisoformat(m.ticket.created_at).astimezone(CITY.zone).hour in (20, 21, 22, 23, 0, 1) for m in nights
    )
    assert late > len(nights) * 0.4


async def test_units_come_from_the_duty_list_of_the_day(year: list[MadeTicket]) -> None:
    proposed = 0
    for made in year:
        day = datetime.fromisoformat(made.ticket.created_at).astimezone(CITY.zone).date()
        for candidate in made.ticket.proposal.candidates if made.ticket.proposal else ():
            proposed += 1
            lines = CITY.duty_lines_for(made.ticket.fields["category"].value, day)
            assert (candidate.entry, candidate.entry_version) in {(line.id, line.version) for line in lines}
    assert proposed > N


async def test_the_audit_of_dispatches_has_life(year: list[MadeTicket]) -> None:
    routing = Counter(m.routing for m in year)
    forwarded = sum(m.ticket.handling_mode == "forward" for m in year)
    assert N * 0.3 < forwarded < N * 0.75
    assert 0.02 * forwarded < routing["changed"] < 0.15 * forwarded and routing["overruled"] >= 10
    for made in year:
        if made.routing == "overruled":
            line = next(h for h in made.history if h.action == "overruled")
            assert line.reason and line.after == made.ticket.lead_unit and line.role == "supervisor"
        assert made.ticket.state in MOVES


async def test_seeding_fills_the_store_once_and_everything_is_found(store: SqlStore) -> None:
    assert await seed_history(store, PACK, UNTIL, 7, 800) == 800
    assert await seed_history(store, PACK, UNTIL, 7, 800) == 0
    trends = await store.trends(SUPERVISOR, TrendQuery(since="2025-11-21", until="2026-11-21"))
    assert (trends.total, trends.synthetic) == (800, 800)
    page = await store.tickets(SUPERVISOR, TicketQuery(synthetic="yes"))
    assert page.total == 800 and page.tickets[0].label == MARK
    assert (await store.tickets(SUPERVISOR, TicketQuery(synthetic="no"))).total == 0
    routing = await store.routing(SUPERVISOR, RoutingQuery())
    assert routing.total == routing.agreed + routing.changed + routing.overruled + sum(
        r.list_version == "" for r in (await store.routing(SUPERVISOR, RoutingQuery(limit=500))).rows
    )
    assert (await store.verify_audit()).entries == 0  # nobody acted


async def test_a_familiar_number_has_called_before_and_about_what_it_was_told_to(store: SqlStore) -> None:
    streets = [p for p in CITY.children("p-01") if p.level == "street"]
    known = [
        Familiar(number="13905880216", category="c-120401", place=streets[0].code, times=3),
        Familiar(number="13905880217"),
    ]
    assert await seed_history(store, PACK, UNTIL, 7, 100, known) == 105
    page = await store.tickets(SUPERVISOR, TicketQuery(phone="13905880216"))
    assert [(t.category, t.district) for t in page.tickets] == [("c-120401", "p-01")] * 3
    assert (await store.tickets(SUPERVISOR, TicketQuery(phone="13905880217"))).total == 2


async def test_only_marked_tickets_come_in_this_way(store: SqlStore, year: list[MadeTicket]) -> None:
    import msgspec

    real = msgspec.structs.replace(year[0], ticket=msgspec.structs.replace(year[0].ticket, synthetic=False))
    with pytest.raises(ValueError, match="not marked synthetic"):
        await store.write(lambda tx: load_made(tx, [real]))
