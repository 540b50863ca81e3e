"""Desk decisions that make or change a ticket: confirm a matter, write one by hand, overrule, note."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Literal

import msgspec

from console.decide_call import LONGEST_NOTE, needed, open_matter, own_call
from console.decide_city import CityFacts, SlaAsk
from console.decide_effects import Change, Decision, Line, MatterDone, Refusal, TicketChanged, TicketMade
from console.decide_fields import MODE_NAMES, check, unit_name
from console.decide_known import Known, KnownCall, KnownMatter
from console.decide_label import ai_label
from console.decide_matter import REQUIRED, empty_matter, hash_of, why_not
from console.decide_states import OPEN, BadMove, move, state_of_new
from console.decide_time import iso, local_day
from schemas import calls
from schemas.commands import Actor, ConfirmMatter, CreateTicket, NoteTicket, Outcome, OverruleDispatch
from schemas.draft import FIELDS, DispatchProposal, FieldValue, SlaView
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
        return Decision(
            outcome=Outcome(
                command_id=command.command_id,
                status="stale",
                code="stale",
                message="内容已有更新，请看过最新内容后再确认",
                matter=held.matter.id,
                version=held.version,
                content_hash=held.content_hash,
            )
        )
    reasons = why_not(held.matter, city)
    if reasons:
        lacking = any(not _said(held.matter.fields, f) for f in REQUIRED)
        raise Refusal("missing_fields" if lacking else "bad_value", "；".join(reasons))
    proposal = held.matter.dispatch
    _may_go(command.handling_mode, command.lead_unit, command.co_units, held.matter.fields, proposal, city)
    fields = _with_choice(held.matter.fields, command.handling_mode, command.lead_unit, command.co_units, city)
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
        machine=_overwritten(held, command.lead_unit, command.handling_mode),
        label=ai_label(fields, call.systems, actor.name, now, city),
    )
    first = proposal.candidates[0].unit if proposal.candidates else ""
    agreed = first == command.lead_unit if command.handling_mode == "forward" and first else None
    done = msgspec.structs.replace(held.matter, fields=fields, closed=_DONE[command.handling_mode])
    return _made(command.command_id, ticket, actor, agreed, call, done, held.version + 1, "confirm_matter")


def create(command: CreateTicket, actor: Actor, known: Known, city: CityFacts, now: datetime) -> Decision:
    """A ticket wholly by hand: with no machine, and with no call when there is none."""
    call = own_call(known, actor) if command.call is not None else None
    fields: dict[str, FieldValue] = {}
    for name, words in command.fields.items():
        value, label = check(name, words, "", city)
        if value:
            fields[name] = FieldValue(value=value, label=label, confidence=1.0, origin="human")
    if call is not None and call.ani and "calling_number" not in fields:
        fields["calling_number"] = FieldValue(value=call.ani, label=call.ani, confidence=1.0, origin="call")
    lacking = [FIELDS[f] for f in REQUIRED if f not in fields]
    if lacking:
        raise Refusal("missing_fields", f"请填写：{'、'.join(lacking)}")
    _may_go(command.handling_mode, command.lead_unit, command.co_units, fields, None, city)
    fields = _with_choice(fields, command.handling_mode, command.lead_unit, command.co_units, city)
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
    return _made(command.command_id, ticket, actor, None, call, done, version, "create_ticket")


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
        fields=_with_choice(ticket.fields, "forward", command.lead_unit, (), city),
        sla=_sla(city, ticket.fields, command.lead_unit, now) or ticket.sla,
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


def _said(fields: dict[str, FieldValue], name: str) -> str:
    return fields[name].value if name in fields else ""


def _blank(matter: KnownMatter) -> bool:
    fields = matter.matter.fields
    return not matter.matter.closed and not _said(fields, "title") and not _said(fields, "content")


def _may_go(
    mode: str,
    lead: str,
    co: tuple[str, ...],
    fields: dict[str, FieldValue],
    proposal: DispatchProposal | None,
    city: CityFacts,
) -> None:
    """Whether the way of handling fits: 转办 needs a unit, 直办 an answer, 告知 what was told."""
    if mode == "forward":
        if not lead:
            raise Refusal("missing_unit", "转办需要选定主办单位")
        for code in (lead, *co):
            unit_name(code, city)
        if lead in co or len(set(co)) != len(co):
            raise Refusal("bad_units", "主办、协办单位不能重复")
        return
    if lead or co:
        raise Refusal("bad_units", f"{MODE_NAMES[mode]}的工单不派给单位")
    told = proposal.channel if proposal is not None and mode == "told" else ""
    if not _said(fields, "answer") and not told:
        raise Refusal("missing_answer", f"{MODE_NAMES[mode]}需要填写{FIELDS['answer']}")


def _with_choice(
    fields: dict[str, FieldValue], mode: str, lead: str, co: tuple[str, ...], city: CityFacts
) -> dict[str, FieldValue]:
    """Fields with the way of handling and units as the person chose them; an agreed proposal keeps its reasons."""
    chosen = {"handling_mode": mode, "lead_unit": lead, "co_units": ",".join(co)}
    kept = dict(fields)
    for name, value in chosen.items():
        if not value:
            kept.pop(name, None)
        elif _said(fields, name) != value:
            _, label = check(name, value, "", city)
            kept[name] = FieldValue(value=value, label=label, confidence=1.0, origin="human")
    return kept


def _overwritten(held: KnownMatter, lead: str, mode: str) -> dict[str, str]:
    """Field → what the machine proposed, wherever the person decided otherwise."""
    proposed = {name: f.value for name, f in held.machine.items() if f.value and f.origin != "call"}
    candidates = held.matter.dispatch.candidates
    if candidates:
        proposed["lead_unit"] = candidates[0].unit
    taken = {name: f.value for name, f in held.matter.fields.items()}
    taken |= {"lead_unit": lead, "handling_mode": mode}
    if mode != "forward":
        proposed.pop("co_units", None)
    return {name: value for name, value in proposed.items() if name in FIELDS and taken.get(name, "") != value}


def _sla(city: CityFacts, fields: dict[str, FieldValue], unit: str, now: datetime) -> SlaView | None:
    if city.sla is None:
        return None
    ask = SlaAsk(
        kind=_said(fields, "kind"),
        urgency=_said(fields, "urgency") or "normal",
        category=_said(fields, "category"),
        unit=unit,
        at=now,
    )
    return city.sla(ask)


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
        sla=(_sla(city, fields, lead_unit, now) or drafted) if mode == "forward" else None,
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
    done: object,
    version: int,
    action: str,
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
    changes: list[Change] = [TicketMade(ticket=ticket, confirmed_by_name=actor.name, agreed=agreed)]
    events: tuple[calls.MatterClosed, ...] = ()
    if call is not None:
        changes.append(
            MatterDone(
                final=done,  # type: ignore[arg-type]
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
