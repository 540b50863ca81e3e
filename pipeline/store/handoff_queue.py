"""Store: hand-offs on their way: which are due, and what became of each try. A settled one is never settled again."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, and_, exists, func, select

from console.decide_time import iso
from pipeline.store import audit, handoff_rows, keeping
from pipeline.store.tables import decisions, history, meta
from pipeline.store.tables_handoffs import handoffs
from pipeline.store.tx import Tx
from schemas.ticket import HistoryEntry

_ON = "handoff_from"  # row of `meta`: since when this house hands off
_SYSTEM = ("system", "系统", "system")


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A hand-off to be tried now."""

    id: str
    body: bytes
    whole: bool  # the body is as it was made
    confirmed: bool  # a person's decision on exactly this content stands behind it
    tries: int  # before this one
    first_at: str  # UTC ISO of the first of them; "" = none


def is_on(connection: Connection) -> bool:
    """Whether this house hands off; before that, hand-offs are kept but not sent."""
    return connection.scalar(select(meta.c.value).where(meta.c.name == _ON)) is not None


def switch_on(tx: Tx, now: datetime) -> None:
    """From now on what is dispatched is handed off. What was dispatched before stays where it went."""
    if not is_on(tx.connection):
        tx.run(meta.insert().values(name=_ON, value=iso(now)))


def due(connection: Connection, now: datetime, limit: int) -> list[Due]:
    """The oldest that may be tried; of a ticket only the lowest version still under way."""
    query = select(handoffs, _confirmed().label("confirmed")).where(*_ready(), handoffs.c.next_at <= iso(now))
    since = func.coalesce(func.nullif(handoffs.c.next_at, ""), handoffs.c.made_at)  # neither new nor old ones starve
    found = connection.execute(query.order_by(since, handoffs.c.seq).limit(limit))
    return [
        Due(
            id=row.id,
            body=row.body,
            whole=hashlib.sha256(row.body).hexdigest() == row.body_hash,
            confirmed=bool(row.confirmed),
            tries=row.tries,
            first_at=row.first_at,
        )
        for row in found
    ]


def _ready() -> tuple[Any, ...]:
    before = handoffs.alias("before")
    held_up = exists().where(
        before.c.ticket == handoffs.c.ticket, before.c.version < handoffs.c.version, before.c.state == "waiting"
    )
    return (handoffs.c.state == "waiting", ~held_up)


def _confirmed() -> Any:
    same = and_(decisions.c.command == handoffs.c.command, decisions.c.content_hash == handoffs.c.content_hash)
    return exists().where(same)


def delivered(tx: Tx, id_: str, now: datetime, status: int, proof: str, receipt: str) -> None:
    """It arrived; the ticket's history says so."""
    said = {
        "receipt": f"，回执 {receipt}",
        "known": f"（对方此前已收），回执 {receipt}",
        "accepted": "（对方未给回执）",
    }
    settled = {"state": "delivered", "proof": proof, "receipt": receipt, "status": status, "reason": "", "said": ""}
    _settle(tx, id_, now, settled, "handoff_delivered", "已送达承办系统{version}" + said[proof])


def put_off(tx: Tx, id_: str, now: datetime, status: int, reason: str, next_try: datetime) -> None:
    """The try failed; another follows at `next_try`."""
    row = _waiting(tx, id_)
    if row is None:
        return
    tx.run(
        handoffs.update()
        .where(handoffs.c.id == id_)
        .values(
            tries=row.tries + 1,
            first_at=row.first_at or iso(now),
            last_at=iso(now),
            next_at=iso(next_try),
            status=status,
            reason=reason,
        )
    )


def parked(tx: Tx, id_: str, now: datetime, status: int, reason: str, words: str, said: str) -> None:
    """It is given up: the ticket's history says why (`words`, Chinese), and every desk is told."""
    settled = {"state": "parked", "status": status, "reason": reason, "said": said}
    _settle(tx, id_, now, settled, "handoff_parked", "送达承办系统失败{version}：" + words)


def _settle(tx: Tx, id_: str, now: datetime, values: dict[str, Any], action: str, text: str) -> None:
    row = _waiting(tx, id_)
    if row is None:
        return
    tried = {"tries": row.tries + 1, "first_at": row.first_at or iso(now), "last_at": iso(now)}
    tx.run(handoffs.update().where(handoffs.c.id == id_).values(**values, **tried))
    version = f"（第{row.version}版）" if row.version > 1 else ""
    _line(tx, row, now, action, text.replace("{version}", version))
    tell(tx, now)


def retry(tx: Tx, id_: str) -> None:
    """Waits for its next try, which is at once, and for as long as the first time."""
    tx.run(handoffs.update().where(handoffs.c.id == id_).values(state="waiting", tries=0, first_at="", next_at=""))
    tx.handed_off = True


def retry_by_operator(tx: Tx, id_: str, now: datetime) -> bool:
    """The same from the command line of the house; False = it is not one that may be tried again."""
    view = handoff_rows.of_id(tx.connection, id_)
    if view is None or not view.may_retry:
        return False
    row = tx.run(select(handoffs).where(handoffs.c.id == id_)).one()
    retry(tx, id_)
    _line(tx, row, now, "handoff_retried", f"重新送达（第{row.version}版）")
    tell(tx, now)
    return True


def tell(tx: Tx, now: datetime) -> None:
    """Raises the house's flag while anything is stuck, lowers it when nothing is."""
    keeping.set_degraded(tx, "handoff_stuck", handoff_rows.stuck(tx.connection) > 0, now, "")


def _waiting(tx: Tx, id_: str) -> Any:
    query = select(handoffs).where(handoffs.c.id == id_, handoffs.c.state == "waiting").with_for_update()
    return tx.connection.execute(query).first()


def _line(tx: Tx, row: Any, now: datetime, action: str, text: str) -> None:
    """History of the ticket, the call's stream and the audit chain."""
    user, name, role = _SYSTEM
    entry = {"at": iso(now), "actor": user, "actor_name": name, "role": role, "action": action, "text": text}
    entry |= {"before": "", "after": "", "reason": "", "command": ""}
    done = tx.run(history.insert().values(**entry, call=row.call, matter="", ticket=row.ticket))
    if row.call:
        seq = done.inserted_primary_key[0]
        tx.push(f"call:{row.call}", "decision", HistoryEntry(seq=seq, **entry), now.timestamp())
    audit.add(
        tx,
        at=iso(now),
        actor=user,
        role=role,
        action=action,
        object=f"handoff:{row.id}",
        version=row.version,
        content_hash=row.content_hash,
        reason="",
        command="",
    )
