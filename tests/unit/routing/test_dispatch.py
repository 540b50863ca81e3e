"""The decision order, over the demo city's duty list."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from routing.city.index import CityIndex
from routing.city.load import city_dir, load_city
from routing.dispatch import Case, Considered, Said, dispatch
from routing.duplicates import Duplicate, EarlierTicket
from routing.duty import bench
from routing.returns import Returns, Sent

INDEX = CityIndex(load_city(city_dir("yunlan")))
TODAY = date(2026, 11, 20)
RULES = {r.id: r for r in INDEX.pack.emergencies}
REFUSALS = {r.id: r for r in INDEX.pack.refusals}


def case(category: str, share: float = 0.9, place: str | None = "p-0101", text: str = "", **more: object) -> Case:
    said = (Said("u1", "caller", text, 1.0),) if text else ()
    return Case(categories=(Considered(category, share),), place=place, said=said, day=TODAY, **more)  # type: ignore[arg-type]


def lead(found: Case) -> tuple[str, str]:
    proposal = dispatch(INDEX, found)
    return proposal.step, proposal.candidates[0].unit


@pytest.mark.parametrize(
    ("what", "category", "text", "step", "unit"),
    [
        ("培训机构退费归教育", "c-100201", "孩子学街舞机构关门了", "special", "u-education"),
        ("宅基地归农业农村", "c-110101", "老房子翻建村里不批", "function", "u-agri"),
        ("井盖归应急统筹", "c-070201", "井盖松动了", "function", "u-emergency"),
        ("污水井盖归排水", "c-070201", "污水井的井盖没了", "special", "u-drainage"),
        ("消防设施归消防", "c-070101", "消火栓没水", "function", "u-fire"),
        ("餐饮油烟归城管", "c-120102", "烧烤店油烟大", "function", "u-urban"),
        ("占道归城管", "c-120101", "菜摊占道", "function", "u-urban"),
        ("工业排污归生态环境", "c-040201", "工厂偷排污水", "function", "u-ecology"),
        ("供水运行归水司", "c-050101", "停水了", "function", "u-watersupply"),
        ("管线建设归住建", "c-060303", "新小区没通自来水", "function", "u-housing"),
        ("秸秆归农业农村", "c-040102", "又有人烧秸秆", "special", "u-agri"),
    ],
)
def test_hard_pairs_go_where_the_list_says(what: str, category: str, text: str, step: str, unit: str) -> None:
    assert lead(case(category, text=text)) == (step, unit), what


def test_danger_to_life_comes_before_everything() -> None:
    found = case("c-050302", alarm=RULES["e-gas-leak"], refusal=REFUSALS["r-court"], text="煤气味")
    proposal = dispatch(INDEX, found)
    assert proposal.step == "life_safety" and RULES["e-gas-leak"].line in proposal.reason
    assert proposal.candidates[0].unit == "u-gas"


def test_what_is_not_accepted_names_the_channel_and_no_unit() -> None:
    proposal = dispatch(INDEX, case("c-080201", refusal=REFUSALS["r-court"]))
    assert (proposal.step, proposal.candidates, proposal.channel) == ("not_accepted", (), REFUSALS["r-court"].channel)


def test_a_duplicate_is_said_and_the_units_stay_proposed() -> None:
    earlier = EarlierTicket(
        ticket_no="YL1",
        state="in_progress",
        category="c-120501",
        place="p-0101",
        lead_unit="u-urban",
        created_at=datetime(2026, 11, 19, tzinfo=UTC),
    )
    proposal = dispatch(INDEX, case("c-120501", duplicate=Duplicate(earlier, "own", 2, "同一来电人2次反映")))
    assert (proposal.step, proposal.reason) == ("duplicate", "同一来电人2次反映")
    assert proposal.candidates[0].unit == "u-urban"


def test_the_place_leads_where_the_list_gives_it_the_matter_and_the_conflict_is_shown() -> None:
    proposal = dispatch(INDEX, case("c-120101", place="p-0501"))
    assert proposal.step == "place" and proposal.candidates[0].unit == "u-d-gaoxin"
    assert "属地" in proposal.conflict and "城管" in proposal.conflict
    elsewhere = dispatch(INDEX, case("c-120101", place="p-0101"))
    assert elsewhere.step == "function" and elsewhere.conflict == ""


def test_a_district_is_needed_for_a_matter_of_the_place() -> None:
    proposal = dispatch(INDEX, case("c-060401", place=None))
    assert proposal.abstained or proposal.candidates[0].rule == "default"
    assert lead(case("c-060401", place="p-0203")) == ("place", "u-d-guta")


def test_an_unsure_category_abstains_and_still_shows_what_it_thought_of() -> None:
    proposal = dispatch(INDEX, case("c-120501", share=0.1))
    assert proposal.abstained and proposal.step == "abstain" and "把握不足" in proposal.reason
    assert dispatch(INDEX, case("c-120501", share=0.1, firm=True)).abstained is False


def test_nothing_heard_abstains() -> None:
    proposal = dispatch(INDEX, Case(categories=(), place=None, said=(), day=TODAY))
    assert proposal.abstained and proposal.candidates == ()


def test_rivals_are_shown_up_to_three_best_first() -> None:
    found = Case(
        categories=tuple(Considered(c, s) for c, s in (("c-120401", 0.5), ("c-060501", 0.3), ("c-040301", 0.2))),
        place="p-0301",
        said=(),
        day=TODAY,
    )
    units = [c.unit for c in dispatch(INDEX, found).candidates]
    assert units[0] == "u-urban" and len(units) == len(set(units)) == 3


@pytest.mark.parametrize(
    ("day", "version", "unit"), [(date(2025, 6, 30), 1, "u-ecology"), (date(2025, 7, 1), 2, "u-urban")]
)
def test_the_line_in_force_on_the_day_of_the_call_decides(day: date, version: int, unit: str) -> None:
    ruling = bench(INDEX, "c-040102", "p-0101", ["有人在烧树叶"], day).rulings[0]
    assert (ruling.line.version, ruling.lead.code) == (version, unit)


@pytest.mark.parametrize("leaf", [leaf.code for leaf in INDEX.leaves()])
def test_every_leaf_finds_a_unit_in_every_district(leaf: str) -> None:
    for district in INDEX.children(None):
        proposal = dispatch(INDEX, case(leaf, place=district.code))
        assert not proposal.abstained and proposal.candidates
        for candidate in proposal.candidates:
            unit = INDEX.unit(candidate.unit)
            assert unit is not None and unit.kind in ("bureau", "utility", "district")
            assert candidate.reasons and 0 <= candidate.return_risk <= 1


def test_danger_beats_a_duplicate_and_a_special_rule() -> None:
    earlier = EarlierTicket(
        ticket_no="YL1",
        state="in_progress",
        category="c-050302",
        place="p-0101",
        lead_unit="u-gas",
        created_at=datetime(2026, 11, 19, tzinfo=UTC),
    )
    again = Duplicate(earlier, "own", 2, "同一来电人2次反映")
    assert dispatch(INDEX, case("c-050302", alarm=RULES["e-gas-leak"], duplicate=again)).step == "life_safety"


def test_danger_of_which_nothing_else_is_known_still_names_the_line() -> None:
    found = Case(categories=(), place=None, said=(), day=TODAY, alarm=RULES["e-gas-leak"])
    proposal = dispatch(INDEX, found)
    assert (proposal.step, proposal.abstained) == ("life_safety", True)
    assert RULES["e-gas-leak"].line in proposal.reason


def test_what_is_not_accepted_goes_before_a_duplicate_and_a_special_rule() -> None:
    found = case("c-100201", text="孩子学街舞机构关门了", refusal=REFUSALS["r-court"])
    assert dispatch(INDEX, found).step == "not_accepted"


def test_every_refusal_tells_a_channel() -> None:
    for refusal in INDEX.pack.refusals:
        proposal = dispatch(INDEX, case("c-080201", refusal=refusal))
        assert proposal.channel.strip() and refusal.label in proposal.reason


def test_a_special_rule_beats_the_place_and_the_place_the_function() -> None:
    ranks = [[r.line.rule for r in bench(INDEX, leaf.code, "p-0501", ["污水井 烧烤 秸秆 工地"], TODAY).rulings]
             for leaf in INDEX.leaves()]  # fmt: skip
    order = ["special", "place", "function", "default"]
    for found in ranks:
        assert found == sorted(found, key=order.index)
    assert any(found[:1] == ["special"] and "function" in found for found in ranks)
    assert any(found[:1] == ["place"] and "function" in found for found in ranks)


def test_who_leads_is_never_among_those_who_help() -> None:
    helped = 0
    for leaf in INDEX.leaves():
        for candidate in dispatch(INDEX, case(leaf.code)).candidates:
            assert candidate.unit not in candidate.co_units
            assert len(set(candidate.co_units)) == len(candidate.co_units)
            helped += bool(candidate.co_units)
    assert helped


def test_each_candidate_keeps_the_line_and_the_version_of_the_list_that_named_it() -> None:
    lines = {(line.id, line.version) for line in INDEX.pack.duties}
    for candidate in dispatch(INDEX, case("c-120101", place="p-0501")).candidates:
        assert (candidate.entry, candidate.entry_version) in lines
        assert candidate.catalogue == INDEX.pack.manifest.version


def test_what_came_back_before_raises_the_risk_and_is_said() -> None:
    found = case("c-120501")
    first = dispatch(INDEX, found).candidates[0]
    past = Returns((Sent(first.unit, "c-120501", first.entry, 30, 21),))
    after = dispatch(INDEX, case("c-120501", returns=past)).candidates[0]
    assert after.unit == first.unit  # a person may draw the conclusion, the machine does not
    assert after.return_risk > first.return_risk + 0.3
    assert "退回或改派21件" in after.reasons[-1]


@pytest.mark.parametrize("receiver", ["u-d-gaoxin", "u-urban"])
def test_whoever_received_it_first_leads_while_two_sides_have_a_claim(receiver: str) -> None:
    earlier = EarlierTicket(
        ticket_no="YL7",
        state="in_progress",
        category="c-120101",
        place="p-0501",
        lead_unit=receiver,
        created_at=datetime(2026, 11, 19, tzinfo=UTC),
    )
    again = Duplicate(earlier, "own", 2, "同一来电人2次反映")
    first = dispatch(INDEX, case("c-120101", place="p-0501", duplicate=again)).candidates[0]
    assert first.unit == receiver
    assert any("首接负责：YL7" in reason for reason in first.reasons)


def test_without_a_dispute_the_list_decides_whoever_had_it_before() -> None:
    earlier = EarlierTicket(
        ticket_no="YL7",
        state="in_progress",
        category="c-120501",
        place="p-0101",
        lead_unit="u-housing",
        created_at=datetime(2026, 11, 19, tzinfo=UTC),
    )
    found = case("c-120501", duplicate=Duplicate(earlier, "own", 2, "同一来电人2次反映"))
    assert dispatch(INDEX, found).candidates[0].unit == "u-urban"
