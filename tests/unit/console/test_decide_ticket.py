"""A ticket is made by a person, of exactly the content that person saw."""

from __future__ import annotations

import msgspec
import pytest

from console.decide import decide
from console.decide_city import SlaAsk
from console.decide_effects import Decision, MatterDone, TicketMade
from console.decide_known import Known
from schemas.commands import ConfirmMatter, CreateTicket
from schemas.draft import DispatchProposal, FieldValue, SlaView
from schemas.ticket import Ticket
from tests.unit.console.deciding import (
    ADMIN,
    AGENT,
    ANALYST,
    CITY,
    FIELDS,
    NOW,
    OTHER,
    SUPERVISOR,
    by_model,
    knowing,
    known_matter,
    matter,
)


def confirm(**changes: object) -> ConfirmMatter:
    held = known_matter()
    given = {
        "command_id": "cmd-0001",
        "call": "call-1",
        "matter": "m0",
        "version": held.version,
        "content_hash": held.content_hash,
        "handling_mode": "forward",
        "lead_unit": "u-urban",
    }
    return msgspec.convert(given | changes, ConfirmMatter)


def made(decision: Decision) -> Ticket:
    assert decision.outcome.status == "ok", decision.outcome
    return next(c.ticket for c in decision.changes if isinstance(c, TicketMade))


@pytest.mark.g02
def test_confirm_of_what_was_seen_makes_the_ticket() -> None:
    decision = decide(confirm(), AGENT, knowing(), CITY, NOW)
    ticket = made(decision)
    assert ticket.ticket_no == "XC20261121-000012"
    assert ticket.state == "dispatched"
    assert ticket.confirmed_hash == known_matter().content_hash
    assert ticket.confirmed_by == AGENT.user
    assert ticket.lead_unit_name == "市城管局"
    assert ticket.proposal is not None and ticket.proposal.candidates[0].entry_version == 2
    assert ticket.sla is not None and ticket.sla.reply_due == "2026-11-26T02:30:00.000Z"
    assert [line.action for line in decision.lines] == ["confirmed", "dispatched"]
    (event,) = decision.events
    assert (event.TYPE, event.outcome, event.ticket) == ("matter.closed", "confirmed", ticket.id)


@pytest.mark.g02
@pytest.mark.parametrize("seen", [{"version": 2}, {"content_hash": "0" * 64}])
def test_confirm_of_anything_else_is_stale_and_names_the_newest(seen: dict[str, object]) -> None:
    decision = decide(confirm(**seen), AGENT, knowing(), CITY, NOW)
    held = known_matter()
    assert decision.outcome.status == "stale"
    assert (decision.outcome.version, decision.outcome.content_hash) == (held.version, held.content_hash)
    assert not decision.changes and not decision.events and not decision.lines


@pytest.mark.g02
def test_a_value_or_unit_that_changed_after_it_was_seen_changes_the_hash() -> None:
    seen = known_matter()
    later = [
        known_matter(human={"title": FieldValue(value="x", label="x", confidence=1, origin="human")}),
        known_matter(matter(fields=FIELDS | {"district": by_model("p-01", "古塔区")})),
        known_matter(matter(dispatch=DispatchProposal(step="function"))),
    ]
    assert len({seen.content_hash, *(m.content_hash for m in later)}) == 4
    for stands in later:
        assert decide(confirm(), AGENT, knowing(stands), CITY, NOW).outcome.status == "stale"


def test_confidence_and_evidence_are_no_part_of_the_content() -> None:
    surer = {k: msgspec.structs.replace(f, confidence=0.99, note="x") for k, f in FIELDS.items()}
    assert known_matter(matter(fields=surer)).content_hash == known_matter().content_hash


@pytest.mark.parametrize("field", ["kind", "category", "title", "content"])
def test_no_ticket_without_its_required_fields(field: str) -> None:
    held = known_matter(matter(fields={k: f for k, f in FIELDS.items() if k != field}))
    decision = decide(confirm(content_hash=held.content_hash), AGENT, knowing(held), CITY, NOW)
    assert (decision.outcome.status, decision.outcome.code) == ("refused", "missing_fields")
    assert not decision.changes


@pytest.mark.parametrize(
    ("choice", "code"),
    [
        ({"lead_unit": ""}, "missing_unit"),
        ({"lead_unit": "u-nowhere"}, "unknown_unit"),
        ({"lead_unit": "u-court"}, "outside_unit"),
        ({"co_units": ["u-urban"]}, "bad_units"),
        ({"co_units": ["u-police", "u-police"]}, "bad_units"),
        ({"handling_mode": "direct"}, "bad_units"),
        ({"handling_mode": "direct", "lead_unit": ""}, "missing_answer"),
        ({"handling_mode": "told", "lead_unit": ""}, "missing_answer"),
    ],
)
def test_a_way_of_handling_that_does_not_fit_is_refused(choice: dict[str, object], code: str) -> None:
    decision = decide(confirm(**choice), AGENT, knowing(), CITY, NOW)
    assert (decision.outcome.status, decision.outcome.code) == ("refused", code)
    assert decision.outcome.message and not decision.changes


def test_answered_at_the_desk_is_closed_and_told_is_beyond_duty_or_not_accepted() -> None:
    answer = {"answer": FieldValue(value="夜间施工须有证明", label="夜间施工须有证明", confidence=1, origin="human")}
    held = known_matter(human=answer)
    given = {"content_hash": held.content_hash, "lead_unit": ""}
    direct = made(decide(confirm(handling_mode="direct", **given), AGENT, knowing(held), CITY, NOW))
    told = made(decide(confirm(handling_mode="told", **given), AGENT, knowing(held), CITY, NOW))
    assert (direct.state, direct.sla, direct.lead_unit) == ("closed", None, "")
    assert told.state == "beyond_duty"
    refused = known_matter(matter(dispatch=DispatchProposal(step="not_accepted", channel="请向法院起诉")))
    said = confirm(handling_mode="told", lead_unit="", content_hash=refused.content_hash)
    assert made(decide(said, AGENT, knowing(refused), CITY, NOW)).state == "not_accepted"


def test_what_is_only_told_about_needs_no_category_but_must_have_one_to_be_sent() -> None:
    told = {**{k: FIELDS[k] for k in ("title", "content")}, "handling_mode": by_model("told", "告知")}
    held = known_matter(matter(fields=told, dispatch=DispatchProposal(step="not_accepted", channel="请向法院起诉")))
    assert held.matter.complete
    given = {"content_hash": held.content_hash}
    assert (
        decide(confirm(handling_mode="told", lead_unit="", **given), AGENT, knowing(held), CITY, NOW).outcome.status
        == "ok"
    )
    assert decide(confirm(**given), AGENT, knowing(held), CITY, NOW).outcome.code == "missing_fields"


@pytest.mark.g23
def test_the_ticket_keeps_what_the_machine_proposed_beside_what_the_person_chose() -> None:
    decision = decide(confirm(lead_unit="u-ecology"), AGENT, knowing(), CITY, NOW)
    ticket = made(decision)
    assert ticket.machine["lead_unit"] == "u-urban"
    assert ticket.proposal is not None and ticket.proposal.candidates[0].unit == "u-urban"
    change = next(c for c in decision.changes if isinstance(c, TicketMade))
    assert change.agreed is False
    agreed = next(c for c in decide(confirm(), AGENT, knowing(), CITY, NOW).changes if isinstance(c, TicketMade))
    assert agreed.agreed is True and agreed.ticket.machine == {}


@pytest.mark.g04
def test_the_label_names_system_model_time_and_who_checked() -> None:
    label = made(decide(confirm(), AGENT, knowing(), CITY, NOW)).label
    for part in ("人工智能辅助生成", "understanding/1", "whisper-base-telephone", "2026-11-21 10:30", "王敏核对确认"):
        assert part in label


@pytest.mark.g04
def test_what_a_person_wrote_alone_carries_no_label_and_one_machine_word_brings_it_back() -> None:
    by_hand = {k: FieldValue(value=f.value, label=f.label, confidence=1, origin="human") for k, f in FIELDS.items()}
    alone = known_matter(human=by_hand)
    assert made(decide(confirm(content_hash=alone.content_hash), AGENT, knowing(alone), CITY, NOW)).label == ""
    taken = by_hand | {"answer": FieldValue(value="答", label="答", confidence=1, origin="human", stage="suggest/3")}
    helped = known_matter(human=taken)
    ticket = made(decide(confirm(content_hash=helped.content_hash), AGENT, knowing(helped), CITY, NOW))
    assert "suggest/3" in ticket.label


def test_limits_come_from_the_citys_clock_where_there_is_one() -> None:
    asked: list[SlaAsk] = []

    def sla(ask: SlaAsk) -> SlaView:
        asked.append(ask)
        return SlaView(
            rule="r", preset="p", sign_due="", return_due="", reply_due="2026-12-01T00:00:00.000Z", text="10天"
        )

    city = msgspec.structs.replace(CITY, sla=sla)
    ticket = made(decide(confirm(lead_unit="u-ecology"), AGENT, knowing(), city, NOW))
    assert ticket.sla is not None and ticket.sla.reply_due == "2026-12-01T00:00:00.000Z"
    assert (asked[0].kind, asked[0].unit, asked[0].at) == ("complaint", "u-ecology", NOW)


@pytest.mark.parametrize(("who", "code"), [(OTHER, "not_yours"), (ANALYST, "forbidden"), (ADMIN, "forbidden")])
def test_only_the_calls_agent_or_a_supervisor_confirms(who: object, code: str) -> None:
    decision = decide(confirm(), who, knowing(), CITY, NOW)  # type: ignore[arg-type]
    assert (decision.outcome.code, decision.action) == (code, "refused")
    assert not decision.changes
    made(decide(confirm(), SUPERVISOR, knowing(), CITY, NOW))


def test_a_decided_matter_is_not_decided_again() -> None:
    held = known_matter(matter(closed="confirmed"))
    decision = decide(confirm(content_hash=held.content_hash), AGENT, knowing(held), CITY, NOW)
    assert decision.outcome.code == "closed"


BY_HAND = {
    "kind": "complaint",
    "category": "c-120401",
    "title": "夜间施工",
    "content": "凌晨两点仍在施工",
    "district": "澄湖区",
}


def create(**changes: object) -> CreateTicket:
    given = {"command_id": "cmd-0002", "fields": BY_HAND, "handling_mode": "forward", "lead_unit": "u-urban"}
    return msgspec.convert(given | changes, CreateTicket)


@pytest.mark.g08
def test_a_ticket_by_hand_needs_neither_call_nor_machine_and_carries_no_label() -> None:
    decision = decide(create(), AGENT, Known(serial=1), CITY, NOW)
    ticket = made(decision)
    assert (ticket.call, ticket.label, ticket.state) == (None, "", "dispatched")
    assert ticket.fields["district"].value == "p-01"  # written by name, kept by code
    assert not decision.events and not any(isinstance(c, MatterDone) for c in decision.changes)


@pytest.mark.g08
def test_a_ticket_by_hand_on_a_deaf_call_takes_the_place_of_its_empty_matter() -> None:
    blank = known_matter(matter(fields={}, missing=("title",), complete=False))
    decision = decide(create(call="call-1"), AGENT, knowing(blank, assist=False), CITY, NOW)
    done = next(c for c in decision.changes if isinstance(c, MatterDone))
    assert done.final.id == "m0" and done.final.closed == "confirmed" and done.ticket == made(decision).id
    assert made(decision).fields["calling_number"].value == "13900000001"


def test_a_ticket_by_hand_beside_a_drafted_matter_leaves_that_one_open() -> None:
    decision = decide(create(call="call-1"), AGENT, knowing(), CITY, NOW)
    done = next(c for c in decision.changes if isinstance(c, MatterDone))
    assert done.final.id != "m0" and done.final.n == 1


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"title": ""}, "missing_fields"),
        ({"title": "长" * 61}, "too_long"),
        ({"contact_phone": "12ab"}, "bad_phone"),
        ({"category": "c-99"}, "bad_value"),
        ({"kind": "rant"}, "bad_value"),
        ({"district": "火星区"}, "bad_value"),
        ({"height": "1"}, "unknown_field"),
        ({"content": "a\x00b"}, "bad_value"),
    ],
)
def test_what_a_field_does_not_take_is_refused_by_name(fields: dict[str, str], code: str) -> None:
    decision = decide(create(fields=BY_HAND | fields), AGENT, Known(), CITY, NOW)
    assert (decision.outcome.status, decision.outcome.code) == ("refused", code)
