"""Store: writes a decision: its changes, history, audit entry, pushed rows and outbox, all in one transaction."""

from __future__ import annotations

import functools
from datetime import datetime

import msgspec

from console.decide_effects import (
    AssistSet,
    CallAssigned,
    Change,
    Decision,
    EpisodeSeen,
    FieldSet,
    HandoffRetried,
    MatterDone,
    MatterOpened,
    SuggestionDecided,
    TicketChanged,
    TicketMade,
    UtteranceMended,
)
from console.decide_time import iso
from pipeline.store import audit, handoff_make, handoff_queue, ticket_rows, trend_rows
from pipeline.store.call_pushes import (
    desk_of,
    first_seen,
    push_draft,
    push_suggestions,
    push_summary,
)
from pipeline.store.call_record import CallRecord, load_call, utterance_view
from pipeline.store.tables import calls, decisions, field_edits, history, matters, outbox, suggestions, utterances
from pipeline.store.tables_trends import trend_episodes
from pipeline.store.tx import Tx, dumps
from schemas.codec import encode
from schemas.commands import Actor, AnyCommand
from schemas.event import Event
from schemas.ids import output_id
from schemas.ticket import HistoryEntry
from schemas.topics import CALLS


class Act(msgspec.Struct, kw_only=True):
    """Who did it, when, with which command, and what the streams must be told of it."""

    actor: Actor
    command: str
    call: str  # "" = none
    now: datetime
    left: str | None = None  # agent who had the call before
    draft: bool = False  # matters read differently
    suggestions: bool = False

    @property
    def at(self) -> str:
        return iso(self.now)


def write(
    tx: Tx, decision: Decision, command: AnyCommand, actor: Actor, record: CallRecord | None, now: datetime
) -> None:
    """Writes all of the decision. The caller stores the outcome in the same transaction."""
    call = record.id if record is not None else ""
    act = Act(actor=actor, command=command.command_id, call=call, now=now)
    act.left = record.agent if record is not None else None
    for change in decision.changes:
        _write(change, tx, act)
    named = getattr(command, "call", None) or ""
    write_lines(tx, decision, act)
    if decision.action:
        audit.add(
            tx,
            at=act.at,
            actor=actor.user,
            role=actor.role,
            action=decision.action,
            object=decision.object,
            version=decision.version,
            content_hash=decision.content_hash,
            reason=decision.reason if decision.action == "refused" else tx.house.keyed(decision.reason),
            command=command.command_id,
        )
    if decision.outcome.status == "ok":
        tx.run(
            decisions.insert().values(
                command=command.command_id,
                type=str(type(command).__struct_config__.tag),
                actor=actor.user,
                object=decision.object,
                call=named,
                body=dumps(command),
                content_hash=decision.content_hash,
                at=act.at,
            )
        )
    handoff_make.make(tx, decision, actor, command.command_id, now)  # after the decision it rests upon
    for n, body in enumerate(decision.events):
        event = Event(
            id=output_id(command.command_id, "desk", n),
            tenant=tx.house.facts.tenant,
            call=call,
            cause=None,
            at=now,
            body=body,
        )
        tx.run(outbox.insert().values(event=event.id, topic=CALLS, key=call, data=encode(event), sent=False, at=act.at))
        tx.sent_out = True
    if record is not None and decision.changes:
        _tell(tx, act)


def _tell(tx: Tx, act: Act) -> None:
    now = load_call(tx.connection, act.call)
    assert now is not None
    at = act.now.timestamp()
    if act.draft:
        push_draft(tx, now, at)
    if act.suggestions:
        push_suggestions(tx, act.call, at)
    push_summary(tx, now, at, act.left)


def write_lines(tx: Tx, decision: Decision, act: Act) -> None:
    """History, and a `decision` row to the call's stream for each line of it."""
    for line in decision.lines:
        done = tx.run(
            history.insert().values(
                **msgspec.structs.asdict(line),
                at=act.at,
                actor=act.actor.user,
                actor_name=act.actor.name,
                role=act.actor.role,
                command=act.command,
            )
        )
        if not act.call:
            continue
        entry = HistoryEntry(
            seq=done.inserted_primary_key[0],
            at=act.at,
            actor=act.actor.user,
            actor_name=act.actor.name,
            role=act.actor.role,
            action=line.action,
            text=line.text,
            before=line.before,
            after=line.after,
            reason=line.reason,
            command=act.command,
        )
        tx.push(f"call:{act.call}", "decision", entry, act.now.timestamp())


@functools.singledispatch
def _write(change: Change, tx: Tx, act: Act) -> None:
    raise TypeError(f"no way to write {type(change).__name__}")


@_write.register
def _(change: CallAssigned, tx: Tx, act: Act) -> None:
    tx.run(calls.update().where(calls.c.id == act.call).values(agent=change.agent, agent_name=change.agent_name))
    first_seen(tx, act.call, change.agent)


@_write.register
def _(change: AssistSet, tx: Tx, act: Act) -> None:
    tx.run(calls.update().where(calls.c.id == act.call).values(assist=change.on))
    act.draft = True


@_write.register
def _(change: FieldSet, tx: Tx, act: Act) -> None:
    where = (
        field_edits.c.call == act.call,
        field_edits.c.matter == change.matter,
        field_edits.c.field == change.field,
    )
    said = {"value": dumps(change.value), "by": act.actor.user, "at": act.at}
    if tx.run(field_edits.update().where(*where).values(**said)).rowcount == 0:
        named = {"call": act.call, "matter": change.matter, "field": change.field}
        tx.run(field_edits.insert().values(**named, proposed=change.proposed, **said))
    put_matter(tx, act.call, change.matter, change.n, version=change.version, content_hash=change.content_hash)
    act.draft = True


@_write.register
def _(change: MatterOpened, tx: Tx, act: Act) -> None:
    put_matter(
        tx,
        act.call,
        change.matter.id,
        change.matter.n,
        version=change.version,
        content_hash=change.content_hash,
        by_hand=dumps(change.matter),
    )
    act.draft = True


@_write.register
def _(change: MatterDone, tx: Tx, act: Act) -> None:
    put_matter(
        tx,
        act.call,
        change.final.id,
        change.final.n,
        version=change.version,
        content_hash=change.content_hash,
        final=dumps(change.final),
        ticket=change.ticket,
        ticket_no=change.ticket_no,
    )
    if change.ticket:  # what was edited before is part of the ticket's life
        tx.run(
            history.update()
            .where(history.c.call == act.call, history.c.matter == change.final.id, history.c.ticket == "")
            .values(ticket=change.ticket)
        )
    act.draft = True


@_write.register
def _(change: UtteranceMended, tx: Tx, act: Act) -> None:
    where = (utterances.c.call == act.call, utterances.c.id == change.utterance)
    tx.run(utterances.update().where(*where).values(text=change.text, corrected_by=change.by_name))
    mended = tx.run(utterances.select().where(*where)).one()
    tx.push(f"call:{act.call}", "utterance", utterance_view(mended), act.now.timestamp())


@_write.register
def _(change: SuggestionDecided, tx: Tx, act: Act) -> None:
    tx.run(
        suggestions.update()
        .where(suggestions.c.call == act.call, suggestions.c.id == change.suggestion)
        .values(
            outcome=change.outcome,
            decided_by=act.actor.user,
            decided_at=act.at,
            ms=change.ms,
            text=change.text,
            reason=change.reason,
        )
    )
    act.suggestions = True


@_write.register
def _(change: TicketMade, tx: Tx, act: Act) -> None:
    routing = {True: "agreed", False: "changed", None: ""}[change.agreed]
    row = ticket_rows.row_of(change.ticket, tx.house.facts, change.confirmed_by_name, routing)
    tx.run(ticket_rows.tickets.insert().values(**row))
    trend_rows.feed(tx, [change.ticket.id])
    _push_ticket(tx, act, ticket_rows.summary_of(row))


@_write.register
def _(change: TicketChanged, tx: Tx, act: Act) -> None:
    held = tx.run(ticket_rows.tickets.select().where(ticket_rows.tickets.c.id == change.ticket.id)).one()
    routing = "overruled" if change.overruled else held.routing
    row = ticket_rows.row_of(change.ticket, tx.house.facts, held.confirmed_by_name, routing)
    del row["id"]
    tx.run(ticket_rows.tickets.update().where(ticket_rows.tickets.c.id == change.ticket.id).values(**row))
    now = tx.run(ticket_rows.tickets.select().where(ticket_rows.tickets.c.id == change.ticket.id)).one()
    _push_ticket(tx, act, ticket_rows.summary_of(dict(now._mapping)), held.confirmed_by)


@_write.register
def _(change: EpisodeSeen, tx: Tx, act: Act) -> None:
    said = {"seen_by": act.actor.user, "seen_by_name": change.by_name, "seen_at": act.at, "note": change.note}
    seen = trend_episodes.update().where(trend_episodes.c.id == change.episode)
    tx.run(seen.values(seen_severity=change.severity, **said))


@_write.register
def _(change: HandoffRetried, tx: Tx, act: Act) -> None:
    handoff_queue.retry(tx, change.handoff)
    handoff_queue.tell(tx, act.now)


def _push_ticket(tx: Tx, act: Act, summary: object, also: str = "") -> None:
    to = [desk_of(act.actor.user), f"call:{act.call}" if act.call else "", desk_of(also) if also else ""]
    for stream in dict.fromkeys(s for s in to if s):
        tx.push(stream, "ticket", summary, act.now.timestamp())


def put_matter(tx: Tx, call: str, matter: str, n: int, **values: object) -> None:
    """Writes what is known anew of a matter, keeping the rest."""
    if tx.run(matters.update().where(matters.c.call == call, matters.c.id == matter).values(**values)).rowcount:
        return
    fresh: dict[str, object] = {"by_hand": "", "final": "", "ticket": "", "ticket_no": ""}
    tx.run(matters.insert().values(call=call, id=matter, n=n, **(fresh | values)))
