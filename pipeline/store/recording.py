"""Store: takes batches of events for a reader of the log, and notes in the same transaction how far it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from pipeline.store import apply_call, apply_draft
from pipeline.store.batch import Batch, newest_only
from pipeline.store.tables import checkpoints
from pipeline.store.tx import Tx
from schemas import Event

SPEAKERS = (apply_call, apply_draft)  # importing them teaches `record_body` every body the record has a place for


def record_events(tx: Tx, events: Sequence[Event]) -> None:
    """Writes what the events say, in order. An event met before changes nothing."""
    batch = Batch(tx)
    batch.knows(events)
    for event in newest_only(events):
        batch.apply(event)
    batch.finish()


def note(tx: Tx, reader: str, upto: Mapping[str, int]) -> None:
    """How far the reader is, per topic."""
    for topic, position in upto.items():
        where = (checkpoints.c.reader == reader, checkpoints.c.topic == topic)
        if tx.run(checkpoints.update().where(*where).values(position=position)).rowcount == 0:
            tx.run(checkpoints.insert().values(reader=reader, topic=topic, position=position))


def noted(connection: Connection, reader: str) -> dict[str, int]:
    """Topic → offset the reader has recorded."""
    query = select(checkpoints.c.topic, checkpoints.c.position).where(checkpoints.c.reader == reader)
    return {row.topic: row.position for row in connection.execute(query)}
