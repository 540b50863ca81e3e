"""Store: executes a command: one transaction loads what is known, decides, and writes decision and outcome."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec
from sqlalchemy import select

from console.decide import decide
from console.decide_known import Known
from console.decide_time import iso, local_day
from pipeline.store import apply_decision, handoff_rows, trend_queries
from pipeline.store.call_record import known_call, load_call
from pipeline.store.tables import command_outcomes
from pipeline.store.ticket_rows import ticket_of, tickets
from pipeline.store.tx import Tx, dumps
from schemas.commands import (
    AcknowledgeEpisode,
    Actor,
    AnyCommand,
    ConfirmMatter,
    CreateTicket,
    Outcome,
    RetryHandoff,
)

_outcome = msgspec.json.Decoder(Outcome).decode


def execute(tx: Tx, actor: Actor, command: AnyCommand, now: datetime) -> Outcome:
    """The outcome: the same for a repeat, a conflict for another body under the same id."""
    body_hash = hashlib.sha256(f"{actor.user}\x1f{dumps(command)}".encode()).hexdigest()
    held = tx.connection.execute(
        select(command_outcomes).where(command_outcomes.c.command == command.command_id)
    ).first()
    if held is not None:
        if held.body_hash == body_hash:
            return _outcome(held.outcome)
        message = "这个操作编号已用于另一项操作"
        return Outcome(command_id=command.command_id, status="conflict", code="other_body", message=message)
    if not 8 <= len(command.command_id) <= 64:
        message = "操作编号应为 8 到 64 个字符"
        return Outcome(command_id=command.command_id[:64], status="refused", code="bad_id", message=message)
    call = getattr(command, "call", None)
    record = load_call(tx.connection, call, lock=True) if call else None
    ticket = None
    if id_ := getattr(command, "ticket", None):
        query = select(tickets.c.body).where(tickets.c.id == id_).with_for_update()
        body = tx.connection.scalar(query)
        ticket = ticket_of(body) if body else None
    if number := getattr(command, "previous", "") or getattr(command, "ticket_no", ""):
        body = tx.connection.scalar(select(tickets.c.body).where(tickets.c.ticket_no == number).with_for_update())
        ticket = ticket_of(body) if body else None
    makes = isinstance(command, ConfirmMatter | CreateTicket)
    serial_name = f"ticket_no:{local_day(now, tx.house.facts.zone)}"
    known = Known(
        call=known_call(tx.connection, record) if record else None,
        ticket=ticket,
        handoff=handoff_rows.of_id(tx.connection, command.handoff) if isinstance(command, RetryHandoff) else None,
        episode=trend_queries.view_of(tx.connection, command.episode)
        if isinstance(command, AcknowledgeEpisode)
        else None,
        serial=tx.peek(serial_name) + 1 if makes else 1,
    )
    decision = decide(command, actor, known, tx.house.facts, now)
    if makes and decision.outcome.status == "ok":
        tx.count(serial_name)
    if decision.action or decision.changes:
        apply_decision.write(tx, decision, command, actor, record, now)
    tx.run(
        command_outcomes.insert().values(
            command=command.command_id, body_hash=body_hash, outcome=dumps(decision.outcome), at=iso(now)
        )
    )
    return decision.outcome
