"""Store: lines of history as read back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from pipeline.store.tables import history
from schemas.ticket import HistoryEntry


def of_call(connection: Connection, call: str) -> tuple[HistoryEntry, ...]:
    """Decisions on a call, oldest first."""
    return _read(connection, history.c.call == call)


def of_ticket(connection: Connection, ticket: str) -> tuple[HistoryEntry, ...]:
    """A ticket's life, oldest first, with the edits that led to it."""
    return _read(connection, history.c.ticket == ticket)


def _read(connection: Connection, where: Any) -> tuple[HistoryEntry, ...]:
    names = HistoryEntry.__struct_fields__
    found = connection.execute(select(*(history.c[n] for n in names)).where(where).order_by(history.c.seq))
    return tuple(HistoryEntry(**row._mapping) for row in found)
