"""Store, events of the log on their way into the record: one transaction's worth of them, and the calls they touch."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import msgspec

from console.decide_time import iso
from pipeline.store import held
from pipeline.store.call_pushes import tell_summary
from pipeline.store.call_record import CallRecord, Parts
from pipeline.store.pending import Pending
from pipeline.store.tx import Tx
from schemas import Event
from schemas import calls as facts
from schemas.draft import DeadLettered, DraftUpdated


class Batch:
    """Events of one transaction: what they touch is read once, changed in memory, and written once."""

    def __init__(self, tx: Tx, events: Sequence[Event]) -> None:
        self.tx = tx
        self.events = newest_only([e for e in events if e.body.TYPE != facts.PartialHeard.TYPE])
        self.held = held.load(tx.connection, self.events)
        self.pending = Pending()
        self._touched: dict[str, tuple[float, str | None]] = {}  # call → (time of the newest event, desk it left)

    def record(self) -> None:
        """Raises ValueError for what can't be recorded; then nothing of the batch may stand."""
        for event in self.events:
            self._apply(event)
        for call, (at, left) in self._touched.items():  # tells the lists of every call that now reads differently
            record = self.held.calls[call]
            if tell_summary(self.tx, record, at, left):
                self.pending.calls[call] = record
        self.pending.write(self.tx)

    def _apply(self, event: Event) -> None:
        if event.id in self.held.own:
            return
        if not event.call:
            raise ValueError(f"event {event.id} ({event.type}) names no call")
        if not isinstance(event.body, facts.CallStarted | DeadLettered) and event.call not in self.held.calls:
            self.open(event)  # its start has not been met yet: drafts may overtake it
        record_body(event.body, event, self)

    def open(self, event: Event) -> CallRecord:
        """A row for a call that is not on record."""
        record = CallRecord(**stub(event), parts=Parts())
        self.held.calls[event.call] = self.pending.new[event.call] = record
        self.touch(event)
        return record

    def call(self, event: Event) -> CallRecord:
        """The event's call; what is changed of it is written."""
        record = self.held.calls[event.call]
        self.pending.calls[event.call] = record
        return record

    def touch(self, event: Event, left: str | None = None) -> None:
        """The call's line may read differently now. `left`: agent ("" = queue) the call has left."""
        _, before = self._touched.get(event.call, (0.0, None))
        self._touched[event.call] = (event.at.timestamp(), before if before is not None else left)


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
    """Drafts of a call that a later one of the same batch replaces are left out; all else stays, in order.

    Long calls carry a snapshot only now and then: the newest stays with the draft that stays.
    """
    best: dict[str, Event] = {}
    snapshots: dict[str, tuple[int, bytes]] = {}
    for event in events:
        body = event.body
        if isinstance(body, DraftUpdated):
            if event.call not in best or body.revision >= best[event.call].body.revision:
                best[event.call] = event
            if body.snapshot:
                snapshots[event.call] = max(snapshots.get(event.call, (-1, b"")), (body.revision, body.snapshot))
    kept = [e for e in events if not isinstance(e.body, DraftUpdated) or best[e.call].id == e.id]
    return [_with(e, snapshots[e.call][1]) if e.call in snapshots else e for e in kept]


def _with(event: Event, snapshot: bytes) -> Event:
    if not isinstance(event.body, DraftUpdated) or event.body.snapshot:
        return event
    return msgspec.structs.replace(event, body=msgspec.structs.replace(event.body, snapshot=snapshot))
