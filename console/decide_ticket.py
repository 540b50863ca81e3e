"""Desk decisions that make a ticket: a person confirms a matter's content, or writes the ticket by hand."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Literal

import msgspec

from console.decide_call import open_matter, own_call, stale
from console.decide_city import CityFacts
from console.decide_effects import Change, Decision, Line, MatterDone, Refusal, TicketMade
from console.decide_fields import check, unit_name
from console.decide_known import Known, KnownCall, KnownMatter
from console.decide_label import ai_label
from console.decide_matter import content_of, empty_matter, hash_of, lacks, required, why_not, with_number
from console.decide_states import state_of_new
from console.decide_time import iso, local_day
from console.decide_way import limits, may_go, overwritten, said, with_choice
from schemas import calls
from schemas.commands import Actor, ConfirmMatter, CreateTicket, Outcome
from schemas.draft import FIELDS, DispatchProposal, FieldValue, Matter, SlaView
from schemas.handoff import HandoffContent
from schemas.ids import ROOT
from schemas.ticket import Ticket, TicketState

Mode = Literal["direct", "forward", "told"]
_DONE: dict[str, Literal["answered", "confirmed"]] = {"direct": "answered", "forward": "confirmed", "told": "confirmed"}


def ticket_no(city: CityFacts, now: datetime, serial: int) -> str:
    """Number of the serial-th ticket of the city's day, e.g. "YL20261121-000012"."""
    return f"{city.prefix}{local_day(now, city.zone).replace('-', '')}-{serial:06d}"


def confirm(command: ConfirmMatter, actor: Actor, known: Known, city: CityFacts, now: datetime) -> Decision:
    """A person stands for exactly this content: nothing else makes a ticket of a machine's draft (G02)."""
    call = own_call(known, actor)
    held = open_matter(call, command.matter)
    if command.version != held.version or command.content_hash != held.content_hash:
        return stale(command.command_id, held, "内容已有更新，请看过最新内容后再确认")
    reasons = why_not(held.matter, city, command.handling_mode)
    if reasons:
        lacking = any(lacks(held.matter.fields, f) for f in required(command.handling_mode))
        raise Refusal("missing_fields" if lacking else "bad_value", "；".join(reasons))
    if command.previous and known.ticket is None:
        raise Refusal("no_such_ticket", f"没有工单{command.previous[:40]}，不能关联")
    proposal = held.matter.dispatch
    may_go(command.handling_mode, command.lead_unit, command.co_units, held.matter.fields, proposal, city)
    fields = with_choice(held.matter.fields, command.handling_mode, command.lead_unit, command.co_units, city)
    ticket = _ticket(
        command.command_id,
        known,
        city,
        actor,
        now,
        call=call.id,
        matter=held.matter.id,
        mode=command.handling_mode,
        fields=fields,
        lead_unit=command.lead_unit,
        co_units=command.co_units,
        proposal=proposal,
        drafted=held.matter.sla,
        digest=held.content_hash,
        machine=overwritten(held, command.lead_unit, command.handling_mode),
        label=ai_label(fields, call.systems, actor.name, now, city),
    )
    ticket = msgspec.structs.replace(ticket, previous=command.previous)
    first = proposal.candidates[0].unit if proposal.candidates else ""
    agreed = first == command.lead_unit if command.handling_mode == "forward" and first else None
    done = msgspec.structs.replace(held.matter, fields=fields, closed=_DONE[command.handling_mode])
    exactly = content_of(held.matter)
    made = _made(command.command_id, ticket, actor, agreed, call, done, held.version + 1, "confirm_matter", exactly)
    return _linked(made, ticket, known.ticket) if command.previous and known.ticket else made


def _linked(made: Decision, ticket: Ticket, earlier: Ticket) -> Decision:
    """Both tickets say that a person took them for one matter."""
    where = {"call": ticket.call or "", "matter": ticket.matter}
    lines = (
        Line(action="linked", text=f"关联原工单{earlier.ticket_no}", after=earlier.id, ticket=ticket.id, **where),
        Line(action="linked", text=f"被工单{ticket.ticket_no}关联", after=ticket.id, ticket=earlier.id, **where),
    )
    return msgspec.structs.replace(made, lines=(*made.lines, *lines))


def create(command: CreateTicket, actor: Actor, known: Known, city: CityFacts, now: datetime) -> Decision:
    """A ticket wholly by hand: with no machine, and with no call when there is none."""
    call = own_call(known, actor) if command.call is not None else None
    fields: dict[str, FieldValue] = {}
    for name, words in command.fields.items():
        value, label = check(name, words, "", city)
        if value:
            fields[name] = FieldValue(value=value, label=label, confidence=1.0, origin="human")
    if call is not None:
        fields = with_number(fields, call.ani)
    lacking = [FIELDS[f] for f in required(command.handling_mode) if lacks(fields, f)]
    if lacking:
        raise Refusal("missing_fields", f"请填写：{'、'.join(lacking)}")
    may_go(command.handling_mode, command.lead_unit, command.co_units, fields, None, city)
    fields = with_choice(fields, command.handling_mode, command.lead_unit, command.co_units, city)
    blank = next((m for m in call.matters if _blank(m)), None) if call is not None else None
    matter, version = blank.matter if blank else None, blank.version + 1 if blank else 1
    if call is not None and matter is None:
        id_ = str(uuid.uuid5(ROOT, f"matter\x1f{call.id}\x1f{command.command_id}"))
        matter = empty_matter(id_, max((m.matter.n for m in call.matters), default=-1) + 1)
    content = msgspec.structs.replace(matter or empty_matter("", 0), fields=fields, missing=(), complete=True)
    ticket = _ticket(
        command.command_id,
        known,
        city,
        actor,
        now,
        call=command.call,
        matter=content.id,
        mode=command.handling_mode,
        fields=fields,
        lead_unit=command.lead_unit,
        co_units=command.co_units,
        proposal=None,
        drafted=None,
        digest=hash_of(content),
        machine={},
        label="",
    )
    done = msgspec.structs.replace(content, closed=_DONE[command.handling_mode])
    exactly = content_of(content)
    return _made(command.command_id, ticket, actor, None, call, done, version, "create_ticket", exactly)


def _blank(matter: KnownMatter) -> bool:
    fields = matter.matter.fields
    return not matter.matter.closed and not said(fields, "title") and not said(fields, "content")


def _ticket(
    command: str,
    known: Known,
    city: CityFacts,
    actor: Actor,
    now: datetime,
    *,
    call: str | None,
    matter: str,
    mode: Mode,
    fields: dict[str, FieldValue],
    lead_unit: str,
    co_units: tuple[str, ...],
    proposal: DispatchProposal | None,
    drafted: SlaView | None,
    digest: str,
    machine: dict[str, str],
    label: str,
) -> Ticket:
    state: TicketState = state_of_new(mode, proposal)
    return Ticket(
        id=str(uuid.uuid5(ROOT, f"ticket\x1f{command}")),
        ticket_no=ticket_no(city, now, known.serial),
        tenant=city.tenant,
        call=call,
        matter=matter,
        version=1,
        state=state,
        handling_mode=mode,
        fields=fields,
        lead_unit=lead_unit,
        lead_unit_name=unit_name(lead_unit, city) if lead_unit else "",
        co_units=co_units,
        proposal=proposal,
        sla=(limits(city, fields, lead_unit, now) or drafted) if mode == "forward" else None,
        confirmed_by=actor.user,
        confirmed_hash=digest,
        created_at=iso(now),
        updated_at=iso(now),
        machine=machine,
        label=label,
    )


def _made(
    command: str,
    ticket: Ticket,
    actor: Actor,
    agreed: bool | None,
    call: KnownCall | None,
    done: Matter,
    version: int,
    action: str,
    content: HandoffContent,
) -> Decision:
    """A ticket stands: its matter is done, its first lines are written, the log learns of it."""
    by_hand = action == "create_ticket"
    where = {"call": ticket.call or "", "matter": ticket.matter, "ticket": ticket.id}
    lines = [Line(action="created" if by_hand else "confirmed", text=_opening(ticket, by_hand), **where)]
    match ticket.handling_mode:
        case "forward":
            reason = "" if agreed is not False else f"系统首选：{ticket.machine.get('lead_unit', '')}"
            text = f"派往{ticket.lead_unit_name}，待签收"
            lines.append(Line(action="dispatched", text=text, after=ticket.lead_unit, reason=reason, **where))
        case "direct":
            lines.append(Line(action="answered", text="当场答复，办结", **where))
        case "told":
            lines.append(Line(action="told", text="已告知办理渠道", **where))
    changes: list[Change] = [TicketMade(ticket=ticket, confirmed_by_name=actor.name, agreed=agreed, content=content)]
    events: tuple[calls.MatterClosed, ...] = ()
    if call is not None:
        changes.append(
            MatterDone(
                final=done,
                version=version,
                content_hash=ticket.confirmed_hash,
                ticket=ticket.id,
                ticket_no=ticket.ticket_no,
            )
        )
        kind = _DONE[ticket.handling_mode]
        events = (calls.MatterClosed(matter=ticket.matter, outcome=kind, by=actor.user, ticket=ticket.id),)
    return Decision(
        outcome=Outcome(
            command_id=command,
            status="ok",
            ticket=ticket.id,
            ticket_no=ticket.ticket_no,
            matter=ticket.matter,
            version=ticket.version,
        ),
        changes=tuple(changes),
        events=events,
        lines=tuple(lines),
        action=action,
        object=f"ticket:{ticket.id}",
        version=ticket.version,
        content_hash=ticket.confirmed_hash,
    )


def _opening(ticket: Ticket, by_hand: bool) -> str:
    return f"手工建单 {ticket.ticket_no}" if by_hand else f"核对确认，生成工单 {ticket.ticket_no}"
