"""Store: takes a made-up past in bulk. Only tickets marked synthetic come in this way."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection, select

from pipeline.store.tables import history
from pipeline.store.ticket_rows import row_of, tickets
from pipeline.store.trend_rows import feed
from pipeline.store.tx import Tx
from schemas.ticket import HistoryEntry, Ticket

CHUNK = 2000  # rows per statement


class MadeTicket(msgspec.Struct, frozen=True, kw_only=True):
    """A made-up ticket with its made-up life."""

    ticket: Ticket
    confirmed_by_name: str
    routing: str  # agreed | changed | overruled | ""
    history: tuple[HistoryEntry, ...]


def has_synthetic(connection: Connection) -> bool:
    """Whether a made-up past is there already."""
    return connection.execute(select(tickets.c.id).where(tickets.c.synthetic).limit(1)).first() is not None


def load_made(tx: Tx, made: Sequence[MadeTicket]) -> None:
    """Writes all of them in the transaction at hand."""
    for one in made:
        if not one.ticket.synthetic:
            raise ValueError(f"ticket {one.ticket.ticket_no} is not marked synthetic")
    for start in range(0, len(made), CHUNK):
        part = made[start : start + CHUNK]
        tx.run(tickets.insert(), [row_of(m.ticket, tx.house.facts, m.confirmed_by_name, m.routing) for m in part])
        feed(tx, [m.ticket.id for m in part])
        lines = [
            {**msgspec.structs.asdict(line), "call": "", "matter": "", "ticket": m.ticket.id}
            for m in part
            for line in m.history
        ]
        for line in lines:
            del line["seq"]
        tx.run(history.insert(), lines)
