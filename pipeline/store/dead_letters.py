"""Store: dead letters, and how a person's settling of one is kept: beside the letter, never in its place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec
from sqlalchemy import Connection, select

from console.decide_time import iso
from pipeline.store import audit
from pipeline.store.call_pushes import push_summary
from pipeline.store.call_record import load_call
from pipeline.store.keeping import push_flags
from pipeline.store.tables import calls, dead, decisions, history, outbox
from pipeline.store.tx import Tx, dumps
from schemas import Event
from schemas.codec import encode
from schemas.draft import DeadSettled
from schemas.ids import content_hash, output_id
from schemas.topics import DEAD

KIND = "dead."  # what the type of such a decision begins with
ROLE = "operator"
SAYS = {
    "repaired": "死信已修复，作为迟到的记录重新送入",
    "replayed": "死信已按原样重新处理",
    "discarded": "死信已确认不再处理",
}


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A dead letter as the record has it: without its bytes."""

    letter: str
    call: str
    stage: str
    topic: str
    offset: int
    reason: str
    at: str  # UTC ISO, of the event; 1970 where the bytes tell no time


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """That a letter was dealt with."""

    letter: str
    how: Literal["repaired", "replayed", "discarded"]
    by: str
    at: str  # UTC ISO
    why: str = ""


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """A record that goes out with the settling."""

    topic: str
    key: str
    data: bytes


def kept(connection: Connection, letter: str = "") -> list[Kept]:
    """Dead letters on record, oldest first; one of them, if there is such a one."""
    query = select(dead).order_by(dead.c.at, dead.c.event)
    rows = connection.execute(query.where(dead.c.event == letter) if letter else query)
    return [
        Kept(letter=r.event, call=r.call, stage=r.stage, topic=r.topic, offset=r.position, reason=r.reason, at=r.at)
        for r in rows
    ]


def settled(connection: Connection, call: str | None = None) -> dict[str, Settled]:
    """Letter → its newest settling; of one call, or of all."""
    query = select(decisions.c.actor, decisions.c.body, decisions.c.at).where(decisions.c.type.startswith(KIND))
    found: dict[str, Settled] = {}
    for row in connection.execute((query if call is None else query.where(decisions.c.call == call)).order_by("at")):
        body = msgspec.json.decode(row.body, type=DeadSettled)
        found[body.letter] = Settled(letter=body.letter, how=body.how, by=row.actor, at=row.at, why=body.why)
    return found


def settle(tx: Tx, call: str, said: Sequence[DeadSettled], out: Sequence[Published], now: datetime) -> None:
    """Settles letters of one call and hands out what goes into the stream for them: all of it or nothing.

    Outbox rows carry ids of their own, not those of the events: to the recorder these are news, no echo of a decision.
    """
    at = iso(now)
    for body in said:
        command = f"dead/{body.letter}/{tx.count(f'dead:{body.letter}')}"
        text, tenant = dumps(body), tx.house.facts.tenant
        tx.run(
            decisions.insert().values(
                command=command,
                type=KIND + body.how,
                actor=body.by[:64],
                object=f"dead:{body.letter}",
                call=call,
                body=text,
                content_hash=content_hash(text.encode()),
                at=at,
            )
        )
        audit.add(
            tx,
            at=at,
            actor=body.by[:64],
            role=ROLE,
            action=KIND + body.how,
            object=f"dead:{body.letter}",
            version=0,
            content_hash=content_hash(text.encode()),
            reason=tx.house.keyed(body.why),
            command=command,
        )
        tx.run(
            history.insert().values(
                call=call,
                matter="",
                ticket="",
                at=at,
                actor=body.by[:64],
                actor_name=body.by,
                role=ROLE,
                action=KIND + body.how,
                text=SAYS[body.how],
                before="",
                after="",
                reason=body.why,
                command=command,
            )
        )
        told = Event(id=output_id(command, "settled"), tenant=tenant, call=call, cause=body.letter, at=now, body=body)
        _send(tx, told.id, Published(topic=DEAD, key=call, data=encode(told)), at)
        for n, record in enumerate(out if body is said[0] else ()):
            _send(tx, output_id(command, "out", n), record, at)
    _lower_flag(tx, call, now)


def viewed(tx: Tx, letter: str, by: str, why: str, now: datetime) -> None:
    """Notes in the audit chain that a person has read what a letter holds."""
    audit.add(
        tx,
        at=iso(now),
        actor=by[:64],
        role=ROLE,
        action="dead.viewed",
        object=f"dead:{letter}",
        version=0,
        content_hash="",
        reason=tx.house.keyed(why),
        command="",
    )


def _send(tx: Tx, name: str, record: Published, at: str) -> None:
    tx.run(outbox.insert().values(event=name, topic=record.topic, key=record.key, data=record.data, sent=False, at=at))
    tx.sent_out = True


def _lower_flag(tx: Tx, call: str, now: datetime) -> None:
    """Takes the call's mark away once none of its letters is open."""
    letters = set(tx.connection.scalars(select(dead.c.event).where(dead.c.call == call)))
    if letters - settled(tx.connection, call).keys():
        return
    lowered = calls.update().where(calls.c.id == call, calls.c.parked.is_(True)).values(parked=False)
    if tx.run(lowered).rowcount:
        push_flags(tx, call, False, now.timestamp())
        record = load_call(tx.connection, call)
        if record is not None:
            push_summary(tx, record, now.timestamp())
