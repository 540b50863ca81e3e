"""Store: makes the hand-off of a dispatched ticket, in the transaction of the decision; its body is final."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec
import structlog
from sqlalchemy import select

from console.aigc import implicit_label
from console.decide_city import CityFacts
from console.decide_effects import Decision, TicketChanged, TicketMade
from console.decide_time import iso
from pipeline.store.handoff_queue import is_on
from pipeline.store.handoff_rows import body_of
from pipeline.store.tables import decisions
from pipeline.store.tables_handoffs import handoffs
from pipeline.store.tx import Tx
from schemas.commands import Actor
from schemas.handoff import Decided, Handoff, HandoffContent, HandoffDispatch, Party, hash_of_content
from schemas.ids import handoff_id
from schemas.ticket import Ticket

CONFIRMS = ("confirm_matter", "create_ticket")  # commands by which a person stands for a content
_log = structlog.get_logger("handoff")


def make(tx: Tx, decision: Decision, actor: Actor, command: str, now: datetime) -> None:
    """One row for each ticket this decision dispatches; none that no person confirmed by exactly that hash (I7)."""
    for change in decision.changes:
        if isinstance(change, TicketMade) and change.ticket.state == "dispatched":
            who = Decided(by=actor.user, name=actor.name, at=iso(now), command=command)
            _put(tx, change.ticket, change.content, who, who, "", now)
        elif isinstance(change, TicketChanged) and change.overruled:
            first = _first_of(tx, change.ticket.id)
            if first is None:  # made up for the demo, or confirmed before there were hand-offs
                _log.warning("handoff_not_made", ticket=change.ticket.id, reason="nothing confirmed is kept of it")
                continue
            who = Decided(by=actor.user, name=actor.name, at=iso(now), command=command)
            _put(tx, change.ticket, first.content, first.confirmed, who, decision.reason, now)


def _put(
    tx: Tx,
    ticket: Ticket,
    content: HandoffContent,
    confirmed: Decided,
    dispatched: Decided,
    reason: str,
    now: datetime,
) -> None:
    if ticket.synthetic:
        return
    if hash_of_content(content) != ticket.confirmed_hash or not _is_confirmed(tx, ticket, confirmed.command):
        _log.error("handoff_not_made", ticket=ticket.id, reason="its content is not what a person confirmed")
        return
    handoff = Handoff(
        type="ticket.redispatched" if ticket.version > 1 else "ticket.dispatched",
        id=handoff_id(ticket.id, ticket.version),
        tenant=ticket.tenant,
        ticket=ticket.id,
        ticket_no=ticket.ticket_no,
        version=ticket.version,
        content=content,
        content_hash=ticket.confirmed_hash,
        confirmed=confirmed,
        dispatched=dispatched,
        dispatch=_dispatch(ticket, reason, tx.house.facts),
        limits=ticket.sla,
        label=ticket.label,
        aigc=_aigc(ticket, tx.house.facts),
    )
    body = msgspec.json.encode(handoff)
    tx.run(
        handoffs.insert().values(
            id=handoff.id,
            ticket=ticket.id,
            ticket_no=ticket.ticket_no,
            version=ticket.version,
            call=ticket.call or "",
            unit_name=ticket.lead_unit_name,
            command=dispatched.command,
            content_hash=ticket.confirmed_hash,
            body=body,
            body_hash=hashlib.sha256(body).hexdigest(),
            made_at=iso(now),
            state="waiting" if is_on(tx.connection) else "held",
            tries=0,
            status=0,
            **dict.fromkeys(("first_at", "next_at", "last_at", "reason", "said", "proof", "receipt"), ""),
        )
    )
    tx.handed_off = True


def _is_confirmed(tx: Tx, ticket: Ticket, command: str) -> bool:
    """Whether this very command of a person made the ticket, by the hash it carries."""
    d = decisions.c
    found = tx.connection.execute(select(d.type, d.object, d.content_hash).where(d.command == command)).first()
    if found is None or found.type not in CONFIRMS:
        return False
    return (str(found.object), str(found.content_hash)) == (f"ticket:{ticket.id}", ticket.confirmed_hash)


def _first_of(tx: Tx, ticket: str) -> Handoff | None:
    """What was handed off of the ticket when it was confirmed."""
    query = select(handoffs.c.body).where(handoffs.c.ticket == ticket).order_by(handoffs.c.version).limit(1)
    body = tx.connection.scalar(query)
    return body_of(body) if body is not None else None


def _dispatch(ticket: Ticket, reason: str, city: CityFacts) -> HandoffDispatch:
    candidates = ticket.proposal.candidates if ticket.proposal else ()
    named = next((c for c in candidates if c.unit == ticket.lead_unit), None)
    return HandoffDispatch(
        lead_unit=Party(code=ticket.lead_unit, name=ticket.lead_unit_name),
        co_units=tuple(
            Party(code=code, name=city.units[code].name if code in city.units else code) for code in ticket.co_units
        ),
        duty_list=named.catalogue if named else city.version,
        entry=named.entry if named else "",
        entry_version=named.entry_version if named else 0,
        reason=reason,
    )


def _aigc(ticket: Ticket, city: CityFacts) -> dict[str, str] | None:
    """The label for programs, where a machine had a hand in the ticket (G04)."""
    if not ticket.label:
        return None
    label: dict[str, str] = msgspec.json.decode(implicit_label(city.tenant, city.version, ticket.id))["AIGC"]
    return label
