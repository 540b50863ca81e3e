"""Store: takes batches of events for a reader of the log, and notes in the same transaction how far it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select

from pipeline.store import apply_call, apply_draft
from pipeline.store.batch import Batch
from pipeline.store.tables import checkpoints
from pipeline.store.tx import Tx
from schemas import Event

SPEAKERS = (apply_call, apply_draft)  # importing them teaches `record_body` every body the record has a place for


def record_events(tx: Tx, events: Sequence[Event]) -> None:
    """Writes what the events say, in order. An event met before changes nothing."""
    Batch(tx, events).record()


def note(tx: Tx, reader: str, upto: Mapping[str, int]) -> None:
    """How far the reader is, per topic."""
    note_all(tx, {reader: upto})


def note_all(tx: Tx, upto: Mapping[str, Mapping[str, int]]) -> None:
    """How far several readers are: reader → topic → offset."""
    rows = [{"reader": r, "topic": t, "position": at} for r, of in sorted(upto.items()) for t, at in sorted(of.items())]
    tx.put(checkpoints, rows, _position)


def _position(held: Any, given: Any) -> dict[str, Any]:
    return {"position": given.position}


def noted(connection: Connection, reader: str) -> dict[str, int]:
    """Topic → offset the reader has recorded."""
    query = select(checkpoints.c.topic, checkpoints.c.position).where(checkpoints.c.reader == reader)
    return {row.topic: row.position for row in connection.execute(query)}
