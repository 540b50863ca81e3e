"""Store: how long the oldest decision has waited to be published."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from pipeline.store.tables import outbox


def oldest_waiting_s(connection: Connection, now: datetime) -> float:
    """Age in seconds of the oldest row of the outbox not yet in the log; 0 when none waits."""
    query = select(outbox.c.at).where(outbox.c.sent.is_(False)).order_by(outbox.c.seq).limit(1)
    oldest = connection.scalar(query)
    return max(0.0, (now - datetime.fromisoformat(oldest)).total_seconds()) if oldest else 0.0
