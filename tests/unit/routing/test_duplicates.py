"""When a matter is known already."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from routing.duplicates import EarlierTicket, find_duplicate

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
TICKET = EarlierTicket(
    ticket_no="YL1",
    state="in_progress",
    category="c-070201",
    place="澄湖区南门街道广济路南门菜市场",
    lead_unit="u-emergency",
    created_at=NOW - timedelta(days=7),
    phone="13500000000",
)
PLACES = frozenset(("p-0102", "p-0102r02", "广济路", "南门菜市场"))
ME = frozenset(("13500000000",))


def test_the_same_caller_on_the_same_matter() -> None:
    found = find_duplicate([TICKET], ME, "c-070201", PLACES, NOW)
    assert found is not None and found.relation == "own" and "YL1" in found.sentence and "催办" in found.sentence


def test_other_callers_on_the_same_open_matter() -> None:
    found = find_duplicate([TICKET, replace(TICKET, ticket_no="YL2")], frozenset(("1",)), "c-070201", PLACES, NOW)
    assert found is not None and (found.relation, found.count) == ("others", 2)


def test_the_callers_own_ticket_counts_though_it_is_closed() -> None:
    found = find_duplicate([replace(TICKET, state="closed")], ME, "c-070201", PLACES, NOW)
    assert found is not None and "未解决" in found.sentence


def test_others_closed_tickets_are_history() -> None:
    assert find_duplicate([replace(TICKET, state="closed")], frozenset(), "c-070201", PLACES, NOW) is None


def test_another_category_or_place_or_a_long_time_ago_is_another_matter() -> None:
    assert find_duplicate([TICKET], ME, "c-120501", PLACES, NOW) is None
    assert find_duplicate([TICKET], ME, "c-070201", frozenset(("p-0301", "江岸路")), NOW) is None
    assert find_duplicate([TICKET], ME, "c-070201", PLACES, NOW + timedelta(days=120)) is None


def test_a_ticket_made_later_is_no_earlier_one() -> None:
    assert find_duplicate([replace(TICKET, created_at=NOW + timedelta(hours=1))], ME, "c-070201", PLACES, NOW) is None
