"""Desk decisions on a ticket that stands: a supervisor overrules its dispatch, anyone at work on it adds a note."""

from __future__ import annotations

from datetime import datetime

import msgspec

from console.decide_call import LONGEST_NOTE, needed
from console.decide_city import CityFacts
from console.decide_effects import Decision, Line, Refusal, TicketChanged
from console.decide_fields import unit_name
from console.decide_known import Known
from console.decide_states import OPEN, BadMove, move
from console.decide_time import iso
from console.decide_way import limits, with_choice
from schemas.commands import Actor, NoteTicket, Outcome, OverruleDispatch
from schemas.ticket import Ticket


def overrule(command: OverruleDispatch, actor: Actor, known: Known, city: CityFacts, now: datetime) -> Decision:
    """A supervisor sends the ticket elsewhere; who decided before stays in its history."""
    ticket = _known_ticket(known)
    if command.version != ticket.version:
        return Decision(
            outcome=Outcome(
                command_id=command.command_id,
                status="stale",
                code="stale",
                message="工单已有更新，请看过最新内容后再改派",
                ticket=ticket.id,
                ticket_no=ticket.ticket_no,
                version=ticket.version,
            )
        )
    reason = needed(command.reason, "改派原因")
    name = unit_name(command.lead_unit, city)
    if ticket.handling_mode != "forward":
        raise Refusal("wrong_state", "只有转办的工单可以改派")
    if command.lead_unit == ticket.lead_unit:
        raise Refusal("same_unit", f"工单已在{name}")
    try:
        state = move(ticket.state, "dispatched")
    except BadMove as error:
        raise Refusal("wrong_state", str(error)) from error
    changed = msgspec.structs.replace(
        ticket,
        version=ticket.version + 1,
        state=state,
        lead_unit=command.lead_unit,
        lead_unit_name=name,
        co_units=tuple(u for u in ticket.co_units if u != command.lead_unit),
        fields=with_choice(ticket.fields, "forward", command.lead_unit, (), city),
        sla=limits(city, ticket.fields, command.lead_unit, now) or ticket.sla,
        updated_at=iso(now),
    )
    line = Line(
        action="overruled",
        text=f"改派：{ticket.lead_unit_name} → {name}",
        before=ticket.lead_unit,
        after=command.lead_unit,
        reason=reason,
        call=ticket.call or "",
        matter=ticket.matter,
        ticket=ticket.id,
    )
    return Decision(
        outcome=Outcome(
            command_id=command.command_id,
            status="ok",
            ticket=ticket.id,
            ticket_no=ticket.ticket_no,
            version=changed.version,
        ),
        changes=(TicketChanged(ticket=changed, overruled=True),),
        lines=(line,),
        action="overrule_dispatch",
        object=f"ticket:{ticket.id}",
        version=changed.version,
        content_hash=ticket.confirmed_hash,
        reason=reason,
    )


def note(command: NoteTicket, actor: Actor, known: Known, city: CityFacts, now: datetime) -> Decision:
    ticket = _known_ticket(known)
    text = needed(command.text, "内容", LONGEST_NOTE)
    if command.kind == "urge" and ticket.state not in OPEN:
        raise Refusal("wrong_state", "工单已不在办理中，不能催办")
    name = {"note": "备注", "urge": "催办", "append": "追加"}[command.kind]
    action = {"note": "noted", "urge": "urged", "append": "appended"}[command.kind]
    line = Line(action=action, text=f"{name}：{text}", after=text, ticket=ticket.id, matter=ticket.matter)
    return Decision(
        outcome=Outcome(
            command_id=command.command_id,
            status="ok",
            ticket=ticket.id,
            ticket_no=ticket.ticket_no,
            version=ticket.version,
        ),
        lines=(line,),
        action="note_ticket",
        object=f"ticket:{ticket.id}",
        version=ticket.version,
    )


def _known_ticket(known: Known) -> Ticket:
    if known.ticket is None:
        raise Refusal("no_such_ticket", "没有这张工单")
    return known.ticket
