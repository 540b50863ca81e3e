"""Store: hand-offs as read back: for the page, for the command line, and whole."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, Select, exists, select

from pipeline.store.tables_handoffs import handoffs
from schemas.commands import Actor
from schemas.desk import HandoffState, HandoffView
from schemas.handoff import Handoff

body_of = msgspec.json.Decoder(Handoff).decode
_later = handoffs.alias("later")
_superseded = exists().where(_later.c.ticket == handoffs.c.ticket, _later.c.version > handoffs.c.version)


def of_ticket(connection: Connection, ticket: str, actor: Actor) -> tuple[HandoffView, ...]:
    """Hand-offs of a ticket, newest version first. The receiver's words only for those who speak with callers."""
    found = connection.execute(_select().where(handoffs.c.ticket == ticket).order_by(handoffs.c.version.desc()))
    speaks = actor.role in ("agent", "supervisor")
    views = (_view(row, actor.role == "supervisor", speaks) for row in found)
    return tuple(view for view in views if view.state != "held")


def of_id(connection: Connection, id_: str) -> HandoffView | None:
    """One hand-off, as a supervisor sees it."""
    row = connection.execute(_select().where(handoffs.c.id == id_)).first()
    return _view(row, True, True) if row is not None else None


def newest(connection: Connection, state: HandoffState | None, limit: int) -> list[HandoffView]:
    """Hand-offs over all tickets, newest first."""
    query = _select().order_by(handoffs.c.seq.desc()).limit(limit)
    if state is not None:
        query = query.where(handoffs.c.state == state)
    return [_view(row, True, True) for row in connection.execute(query)]


def whole(connection: Connection, id_: str) -> Handoff | None:
    """What goes out, as made."""
    body = connection.scalar(select(handoffs.c.body).where(handoffs.c.id == id_))
    return body_of(body) if body is not None else None


def stuck(connection: Connection) -> int:
    """Hand-offs given up whose ticket was not sent elsewhere since: a person has to act."""
    found = connection.execute(select(handoffs.c.id).where(handoffs.c.state == "parked", ~_superseded))
    return len(found.all())


def _select() -> Select[Any]:
    return select(handoffs, _superseded.label("superseded"))


def _view(row: Any, may: bool, speaks: bool) -> HandoffView:
    return HandoffView(
        id=row.id,
        ticket=row.ticket,
        version=row.version,
        unit_name=row.unit_name,
        state=row.state,
        at=row.last_at,
        tries=row.tries,
        next_at=row.next_at if row.state == "waiting" else "",
        receipt=row.receipt,
        reason=row.reason if row.state != "delivered" else "",
        status=row.status,
        said=row.said if speaks else "",
        superseded=bool(row.superseded),
        may_retry=may and row.state in ("parked", "held") and not row.superseded,
    )
