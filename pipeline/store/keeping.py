"""Store: what keeps the house in order: flags, forgetting, the outbox, snapshots."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, select

from console.decide_time import iso
from pipeline.store import streams
from pipeline.store.call_queries import flags_of
from pipeline.store.tables import calls, command_outcomes, degraded, drafts, outbox, sessions
from pipeline.store.tx import Tx
from schemas.desk import Degraded

OUTCOMES_KEPT = timedelta(days=8)  # a client may ask again for 7
OUTBOX_KEPT = timedelta(days=8)  # longer than the log keeps what it says: the recorder knows its own words
PUSHED_KEPT = timedelta(hours=2)  # a desk away for longer takes a fresh view


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """An event on its way to the log."""

    seq: int
    topic: str
    key: str
    data: bytes


def set_degraded(tx: Tx, flag: Degraded, on: bool, now: datetime, call: str) -> None:
    where = (degraded.c.call == call, degraded.c.flag == flag)
    held = tx.connection.scalar(select(degraded.c.flag).where(*where)) is not None
    if held == on:
        return
    if on:
        tx.run(degraded.insert().values(call=call, flag=flag, at=iso(now)))
    else:
        tx.run(degraded.delete().where(*where))
    concerned = select(calls.c.id, calls.c.parked)
    concerned = concerned.where(calls.c.id == call) if call else concerned.where(calls.c.state.in_(("ringing", "live")))
    for row in tx.connection.execute(concerned).all():
        push_flags(tx, row.id, row.parked, now.timestamp())


def push_flags(tx: Tx, call: str, parked: bool, at: float) -> None:
    tx.push(f"call:{call}", "degraded", {"flags": flags_of(tx.connection, call, parked)}, at)


def prune(tx: Tx, now: datetime) -> dict[str, int]:
    old = iso(now - OUTCOMES_KEPT)
    return {
        "outcomes": tx.run(command_outcomes.delete().where(command_outcomes.c.at < old)).rowcount,
        "outbox": tx.run(outbox.delete().where(outbox.c.sent.is_(True), outbox.c.at < iso(now - OUTBOX_KEPT))).rowcount,
        "pushed": streams.forget_before(tx.connection, (now - PUSHED_KEPT).timestamp()),
        "sessions": tx.run(sessions.delete().where(sessions.c.expires_at <= iso(now))).rowcount,
    }


def snapshot(connection: Connection, call: str) -> tuple[int, bytes] | None:
    row = connection.execute(select(drafts.c.revision, drafts.c.snapshot).where(drafts.c.call == call)).first()
    return (row.revision, row.snapshot) if row else None


def waiting_events(connection: Connection, limit: int) -> list[Waiting]:
    query = select(outbox).where(outbox.c.sent.is_(False)).order_by(outbox.c.seq).limit(limit)
    return [Waiting(seq=r.seq, topic=r.topic, key=r.key, data=r.data) for r in connection.execute(query)]


def mark_sent(tx: Tx, seqs: Sequence[int]) -> None:
    tx.run(outbox.update().where(outbox.c.seq.in_(list(seqs))).values(sent=True))
