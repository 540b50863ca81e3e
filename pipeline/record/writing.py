"""Recorder, its writing half: events into the record in one transaction with the note of how far their reader is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import msgspec
import structlog

from console.ports import Unavailable
from pipeline.log.ports import Record
from pipeline.store.recording import note_all, record_events
from pipeline.store.sql_store import SqlStore
from pipeline.store.tx import Tx
from schemas import Event
from schemas.codec import BadEvent, decode, encode
from schemas.draft import DeadLettered
from schemas.ids import output_id
from schemas.topics import ALERTS, CALLS, DEAD, DRAFTS, SUGGESTIONS

GROUP = "recorder"
TOPICS = (CALLS, DRAFTS, SUGGESTIONS, ALERTS, DEAD)  # in this order within a round: causes before what follows
log_line = structlog.get_logger("recorder")

Append = Callable[[str, str, bytes], Awaitable[object]]  # topic, key, value → durable
Dead = Callable[[str, str], None]  # hears of each dead letter: the stage and the kind of its reason


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """Records of one topic, decoded, or with the reason why not."""

    reader: str  # under which name the offset is noted
    topic: str
    upto: int  # offset of the last one
    events: list[tuple[Record, Event]]
    bad: list[tuple[Record, str]]

    @property
    def size(self) -> int:
        """Records."""
        return len(self.events) + len(self.bad)


def taken(reader: str, topic: str, records: Sequence[Record], after: int) -> Taken:
    """Decodes what was read after an offset."""
    events, bad = [], []
    for record in records:
        try:
            events.append((record, decode(record.value)))
        except BadEvent as error:
            bad.append((record, str(error)))
    return Taken(reader=reader, topic=topic, upto=records[-1].offset if records else after, events=events, bad=bad)


class Writing:
    """All of a round stands together with its note, or nothing does; what can't be recorded is parked."""

    def __init__(self, store: SqlStore, append: Append, dead: Dead = lambda stage, reason: None) -> None:
        self._store, self._append, self._dead = store, append, dead

    async def write(self, round_: Sequence[Taken]) -> None:
        """In the order given. Raises Unavailable, LogFull or LogUnavailable: then nothing is noted.

        If one event can't be recorded, each is by itself, and that one is parked.
        """
        for t in round_:
            for record, reason in t.bad:
                await self._park(record, reason)
        events = [(record, event) for t in round_ for record, event in t.events]

        def all_of_it(tx: Tx) -> None:
            record_events(tx, [event for _, event in events])
            _note(tx, round_)

        try:
            await self._store.write(all_of_it)
        except Unavailable:
            raise
        except Exception:
            for record, event in events:
                reason = await self._write_one(event)
                if reason:
                    await self._park(record, reason)
            await self._store.write(lambda tx: _note(tx, round_))  # last: all up to here is recorded or parked
        for _, event in events:
            if isinstance(event.body, DeadLettered):
                self._dead(event.body.stage, kind_of(event.body.reason))

    async def _write_one(self, event: Event) -> str:
        """Why the event can't be recorded; "" when it is."""
        try:
            await self._store.write(lambda tx: record_events(tx, [event]))
            return ""
        except Unavailable:
            raise
        except Exception as error:
            return f"{type(error).__name__}: {error}"

    async def _park(self, record: Record, reason: str) -> None:
        log_line.warning("recorder_parks", topic=record.topic, offset=record.offset, reason=reason.split(":")[0])
        if record.topic == DEAD:
            return  # a dead letter that can't be read stays where it is
        event = Event(
            id=output_id(record.place, GROUP),
            tenant=self._store.house.facts.tenant,
            call=record.key,
            cause=None,
            at=datetime.fromtimestamp(record.at, UTC),
            body=DeadLettered(
                topic=record.topic, offset=record.offset, stage=GROUP, reason=reason[:1000], data=record.value
            ),
        )
        await self._append(DEAD, record.key, encode(event))


def _note(tx: Tx, round_: Sequence[Taken]) -> None:
    reached: dict[str, dict[str, int]] = {}
    for t in round_:
        reached.setdefault(t.reader, {})[t.topic] = t.upto
    note_all(tx, reached)


def kind_of(reason: str) -> str:
    """The kind of a dead letter's reason, from the few there are: what stands before its place and its details."""
    return reason.partition(":")[0].partition(" in ")[0].partition(" after ")[0][:40]
