"""A ticket that stands: overruled by a supervisor only, noted by those at work on it; states move as they may."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from console.decide import decide
from console.decide_effects import TicketChanged, TicketMade
from console.decide_known import Known
from console.decide_states import MOVES, BadMove, move
from schemas.commands import NoteTicket, OverruleDispatch
from schemas.ticket import STATE_NAMES, Ticket
from tests.unit.console.deciding import AGENT, ANALYST, CITY, NOW, SUPERVISOR, knowing
from tests.unit.console.test_decide_ticket import confirm


@pytest.fixture
def ticket() -> Ticket:
    decision = decide(confirm(co_units=["u-police"]), AGENT, knowing(), CITY, NOW)
    return next(c.ticket for c in decision.changes if isinstance(c, TicketMade))


def overrule(ticket: Ticket, **changes: Any) -> OverruleDispatch:
    given = {
        "command_id": "cmd-0009",
        "ticket": ticket.id,
        "version": 1,
        "lead_unit": "u-police",
        "reason": "属交警职责",
    }
    return OverruleDispatch(**(given | changes))


def test_a_supervisor_sends_a_ticket_elsewhere_with_a_reason(ticket: Ticket) -> None:
    decision = decide(overrule(ticket), SUPERVISOR, Known(ticket=ticket), CITY, NOW)
    (change,) = decision.changes
    assert isinstance(change, TicketChanged) and change.overruled
    assert (change.ticket.lead_unit, change.ticket.version, change.ticket.co_units) == ("u-police", 2, ())
    assert change.ticket.fields["lead_unit"].label == "市公安局"
    assert change.ticket.confirmed_by == AGENT.user
    line = decision.lines[0]
    assert (line.action, line.before, line.after, line.reason) == ("overruled", "u-urban", "u-police", "属交警职责")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reason": ""}, "missing_text"),
        ({"lead_unit": "u-urban"}, "same_unit"),
        ({"lead_unit": "u-court"}, "outside_unit"),
        ({"version": 7}, "stale"),
    ],
)
def test_an_overruling_that_does_not_hold_is_refused(ticket: Ticket, changes: dict[str, Any], code: str) -> None:
    decision = decide(overrule(ticket, **changes), SUPERVISOR, Known(ticket=ticket), CITY, NOW)
    assert decision.outcome.code == code and not decision.changes


@pytest.mark.parametrize("who", [AGENT, ANALYST])
def test_nobody_but_a_supervisor_overrules(ticket: Ticket, who: Any) -> None:
    assert decide(overrule(ticket), who, Known(ticket=ticket), CITY, NOW).outcome.code == "forbidden"


@pytest.mark.parametrize("state", ["closed", "archived", "pending_feedback"])
def test_a_ticket_past_handling_is_not_sent_elsewhere(ticket: Ticket, state: Any) -> None:
    past = msgspec.structs.replace(ticket, state=state)
    assert decide(overrule(past), SUPERVISOR, Known(ticket=past), CITY, NOW).outcome.code == "wrong_state"


def test_urging_needs_somebody_who_still_owes_something(ticket: Ticket) -> None:
    urge = NoteTicket(command_id="cmd-0010", ticket=ticket.id, text="诉求人再次来电", kind="urge")
    assert decide(urge, AGENT, Known(ticket=ticket), CITY, NOW).lines[0].action == "urged"
    closed = msgspec.structs.replace(ticket, state="closed")
    assert decide(urge, AGENT, Known(ticket=closed), CITY, NOW).outcome.code == "wrong_state"
    remark = NoteTicket(command_id="cmd-0011", ticket=ticket.id, text="备查")
    assert decide(remark, AGENT, Known(ticket=closed), CITY, NOW).outcome.status == "ok"
    assert decide(remark, AGENT, Known(), CITY, NOW).outcome.code == "no_such_ticket"


def test_every_state_has_its_moves_and_the_archive_is_final() -> None:
    assert set(MOVES) == set(STATE_NAMES)
    assert all(to in STATE_NAMES for ways in MOVES.values() for to in ways)
    assert MOVES["archived"] == frozenset()
    with pytest.raises(BadMove, match="归档"):
        move("archived", "in_progress")
