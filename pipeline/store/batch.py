"""Store, events of the log on their way into the record: one transaction's worth of them, and the calls they touch."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from console.decide_time import iso
from pipeline.store.call_pushes import push_summary
from pipeline.store.call_record import load_call
from pipeline.store.tables import calls, outbox
from pipeline.store.tx import Tx
from schemas import Event
from schemas import calls as facts
from schemas.draft import DeadLettered, DraftUpdated


class Batch:
    """Events of one transaction, and the calls they touched."""

    def __init__(self, tx: Tx) -> None:
        self.tx = tx
        self.touched: dict[str, tuple[float, str | None]] = {}  # call → (time of the newest event, desk it left)
        self.own: set[str] = set()  # ids of events this store itself has sent out

    def touch(self, event: Event, left: str | None = None) -> None:
        _, before = self.touched.get(event.call, (0.0, None))
        self.touched[event.call] = (event.at.timestamp(), before if before is not None else left)

    def knows(self, events: Sequence[Event]) -> None:
        """Learns which of the events are echoes of decisions already in the record."""
        ids = [e.id for e in events]
        for start in range(0, len(ids), 400):
            found = self.tx.run(select(outbox.c.event).where(outbox.c.event.in_(ids[start : start + 400])))
            self.own.update(row.event for row in found)

    def apply(self, event: Event) -> None:
        """Writes what the event says. Raises ValueError for what can't be recorded."""
        if event.id in self.own or event.body.TYPE == facts.PartialHeard.TYPE:
            return
        if not event.call:
            raise ValueError(f"event {event.id} ({event.type}) names no call")
        if not isinstance(event.body, facts.CallStarted | DeadLettered):
            self.ensure_call(event)
        record_body(event.body, event, self)

    def ensure_call(self, event: Event) -> None:
        """A row for a call whose start has not been met yet: drafts may overtake it."""
        if event.call in self.touched or self.tx.run(select(calls.c.id).where(calls.c.id == event.call)).first():
            return
        self.tx.run(calls.insert().values(**stub(event)))
        self.touch(event)

    def finish(self) -> None:
        """Tells the lists of every call that now reads differently."""
        for call, (at, left) in self.touched.items():
            record = load_call(self.tx.connection, call)
            if record is not None:
                push_summary(self.tx, record, at, left)


def stub(event: Event) -> dict[str, Any]:
    return {
        "id": event.call,
        "tenant": event.tenant,
        "state": "ringing",
        "started_at": iso(event.at),
        "ended_at": "",
        "notice_at": "",
        "ani": "",
        "dnis": "",
        "queue": "",
        "agent": "",
        "agent_name": "",
        "assist": True,
        "parked": False,
        "summary": "",
    }


@functools.singledispatch
def record_body(body: Any, event: Event, batch: Batch) -> None:
    """Bodies the record has no place for pass by: newer programs may speak of more."""


def newest_only(events: Sequence[Event]) -> list[Event]:
    """Drafts of a call that a later one of the same batch replaces are left out; all else stays, in order."""
    last: dict[str, str] = {}
    best: dict[str, int] = {}
    for event in events:
        if isinstance(event.body, DraftUpdated) and event.body.revision >= best.get(event.call, -1):
            best[event.call], last[event.call] = event.body.revision, event.id
    return [e for e in events if not isinstance(e.body, DraftUpdated) or last[e.call] == e.id]
