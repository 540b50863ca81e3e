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


WATER = "我家停水两天了，物业说是主管道爆裂，广济路这一段都没有水"


def test_the_link_says_what_is_alike_and_what_could_be_done() -> None:
    told = replace(TICKET, text="诉求人来电反映：广济路主管道爆裂，停水两天了。")
    found = find_duplicate([told], ME, "c-070201", PLACES, NOW, text=WATER)
    assert found is not None and found.link is not None
    assert (found.link.how, found.link.relation, found.link.ticket_no) == ("urge", "own", "YL1")
    assert "同一号码" in found.link.alike and "同一地点" in found.link.alike
    assert any("主管道爆裂" in words for words in found.link.alike)


def test_new_facts_are_added_and_a_closed_ticket_is_taken_up_again() -> None:
    told = replace(TICKET, text="菜市场门口污水外溢，气味很大。")
    found = find_duplicate([told], ME, "c-070201", PLACES, NOW, text=WATER)
    assert found is not None and found.link is not None and found.link.how == "append"
    closed = find_duplicate([replace(told, state="closed")], ME, "c-070201", PLACES, NOW, text=WATER)
    assert closed is not None and closed.link is not None and closed.link.how == "again"


def test_a_sister_category_needs_words_in_common() -> None:
    kin = frozenset(("c-070201", "c-070202"))
    told = replace(TICKET, category="c-070202", text="广济路主管道爆裂，停水两天了")
    assert find_duplicate([told], ME, "c-070201", PLACES, NOW, text=WATER, kin=kin) is not None
    other = replace(told, text="路灯坏了半个月没人修")
    assert find_duplicate([other], ME, "c-070201", PLACES, NOW, text=WATER, kin=kin) is None
    theirs = replace(told, phone="1")
    assert find_duplicate([theirs], ME, "c-070201", PLACES, NOW, text=WATER, kin=kin) is not None
    assert find_duplicate([theirs], ME, "c-070201", PLACES, NOW, text=WATER) is None, "no sister of it"


def test_others_in_the_same_street_need_words_in_common() -> None:
    told = replace(TICKET, place="p-0102", text="广济路主管道爆裂，停水两天了", phone="1")
    ask = {"text": WATER, "street": "p-0102"}
    assert find_duplicate([told], ME, "c-070201", PLACES, NOW, **ask) is not None  # type: ignore[arg-type]
    other = replace(told, text="自来水发黄有异味")
    assert find_duplicate([other], ME, "c-070201", PLACES, NOW, **ask) is None  # type: ignore[arg-type]


def test_the_likest_ticket_is_named_before_a_newer_one() -> None:
    like = replace(TICKET, text=WATER)
    newer = replace(TICKET, ticket_no="YL9", category="c-070202", created_at=NOW - timedelta(days=1), text=WATER[:9])
    kin = frozenset(("c-070202",))
    found = find_duplicate([newer, like], ME, "c-070201", PLACES, NOW, text=WATER, kin=kin)
    assert found is not None and found.ticket.ticket_no == "YL1" and found.count == 2


def test_elsewhere_in_the_same_street_the_callers_own_words_decide() -> None:
    told = replace(TICKET, place="澄湖区南门街道老街口", street="p-0102", text="广济路主管道爆裂，停水两天了")
    ask = {"text": WATER, "street": "p-0102"}
    assert find_duplicate([told], ME, "c-070201", PLACES, NOW, **ask) is not None  # type: ignore[arg-type]
    other = replace(told, text="自来水发黄有异味")
    assert find_duplicate([other], ME, "c-070201", PLACES, NOW, **ask) is None  # type: ignore[arg-type]
