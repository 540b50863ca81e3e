"""Recorder, after the stages: writes once what every desk shows, together with the rows of the desk's streams."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec
import structlog

from console.ports import Unavailable
from pipeline.log.ports import Log, LogFull, LogUnavailable, Record
from pipeline.store.recording import note, noted, record_events
from pipeline.store.sql_store import SqlStore
from pipeline.store.tx import Tx
from schemas import Event
from schemas.codec import BadEvent, decode, encode
from schemas.draft import DeadLettered
from schemas.ids import output_id
from schemas.topics import ALERTS, CALLS, DEAD, DRAFTS, SUGGESTIONS

GROUP = "recorder"
TOPICS = (CALLS, DRAFTS, SUGGESTIONS, ALERTS, DEAD)  # in this order within a round: causes before what follows
MOST = 200  # records per topic and transaction
PAUSES_S = (0.05, 0.2, 0.5, 1.0)  # between tries while database or log are away
log_line = structlog.get_logger("recorder")


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """Records of one topic, decoded, or with the reason why not."""

    topic: str
    upto: int  # offset of the last one
    events: list[tuple[Record, Event]]
    bad: list[tuple[Record, str]]


class Recorder:
    """Every event of its topics reaches the record once, in order, however often it is stopped or killed.

    The offset reached is written in the transaction of the events themselves; the log's own commit follows it.
    """

    def __init__(
        self,
        log: Log,
        store: SqlStore,
        *,
        most: int = MOST,
        reader: str = GROUP,
        dead: Callable[[str, str], None] = lambda stage, reason: None,
    ) -> None:
        """`reader`: under which name its offsets are noted; each log recorded into one store needs its own.

        `dead` hears of each dead letter: the stage and the kind of its reason.
        """
        self._log = log
        self._dead = dead
        self._reader = reader
        self._store = store
        self._most = most
        self._at: dict[str, int] = {}

    @property
    def done(self) -> Mapping[str, int]:
        """Topic → offset recorded; empty before it has begun, and while the record is away."""
        return self._at

    async def run(self, stop: asyncio.Event) -> None:
        """Records until `stop`. Database or log away: waits and tries again, nothing is skipped."""
        tries = 0
        while not stop.is_set():
            try:
                if not self._at:
                    self._at = await self._resume()
                if await self.step() == 0:
                    await self._wait(stop)
                tries = 0
            except (Unavailable, LogUnavailable, LogFull) as error:
                self._at = {}
                log_line.warning("recorder_waits", reason=type(error).__name__)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), PAUSES_S[min(tries, len(PAUSES_S) - 1)])
                tries += 1

    async def drain(self) -> int:
        """Records all there is now; returns how many records it took. For a shutdown and for tests."""
        if not self._at:
            self._at = await self._resume()
        total = 0
        while taken := await self.step():
            total += taken
        return total

    async def step(self) -> int:
        """One round over all topics; returns how many records it took."""
        if not self._at:
            self._at = await self._resume()
        # what follows is read first: its causes are then surely among what is read of `calls` after it
        later = [await self._take(topic) for topic in TOPICS[1:]]
        first = await self._take(CALLS)
        taken = [t for t in (first, *later) if t.events or t.bad]
        if not taken:
            return 0
        if first.upto < await self._log.end(CALLS) and len(first.events) + len(first.bad) >= self._most:
            taken = [first]  # far behind: causes first
        await self._write(taken)
        for t in taken:
            self._at[t.topic] = t.upto
            await self._log.commit(GROUP, t.topic, t.upto)
            for body in (event.body for _, event in t.events):
                if isinstance(body, DeadLettered):
                    self._dead(body.stage, kind_of(body.reason))
        return sum(len(t.events) + len(t.bad) for t in taken)

    async def _take(self, topic: str) -> Taken:
        records = await self._log.read(topic, self._at[topic], self._most)
        events, bad = [], []
        for record in records:
            try:
                events.append((record, decode(record.value)))
            except BadEvent as error:
                bad.append((record, str(error)))
        return Taken(topic=topic, upto=records[-1].offset if records else self._at[topic], events=events, bad=bad)

    async def _write(self, taken: Sequence[Taken]) -> None:
        """All in one transaction; if one event can't be recorded, each by itself, and that one is parked."""
        for t in taken:
            for record, reason in t.bad:
                await self._park(record, reason)
        upto = {t.topic: t.upto for t in taken}
        events = [(record, event) for t in taken for record, event in t.events]

        def all_of_it(tx: Tx) -> None:
            record_events(tx, [event for _, event in events])
            note(tx, self._reader, upto)

        try:
            await self._store.write(all_of_it)
        except Unavailable:
            raise
        except Exception:
            for record, event in events:
                reason = await self._write_one(event)
                if reason:
                    await self._park(record, reason)
            await self._store.write(
                lambda tx: note(tx, self._reader, upto)
            )  # last: all up to here is recorded or parked

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
        at = datetime.fromtimestamp(record.at, UTC)
        event = Event(
            id=output_id(f"{record.topic}:{record.offset}", GROUP),
            tenant=self._store.house.facts.tenant,
            call=record.key,
            cause=None,
            at=at,
            body=DeadLettered(
                topic=record.topic, offset=record.offset, stage=GROUP, reason=reason[:1000], data=record.value
            ),
        )
        await self._log.append(DEAD, record.key, encode(event))

    async def _resume(self) -> dict[str, int]:
        """Where to go on: the record's own note of how far it is; from the start when the log was replaced."""
        held = await self._store.read(lambda c: noted(c, self._reader))
        at = {}
        for topic in TOPICS:
            position = held.get(topic, 0)
            at[topic] = position if position <= await self._log.end(topic) else 0
        return at

    async def _wait(self, stop: asyncio.Event) -> None:
        waits = [asyncio.ensure_future(self._log.wait(topic, self._at[topic])) for topic in TOPICS]
        waits.append(asyncio.ensure_future(stop.wait()))  # type: ignore[arg-type]
        try:
            done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in waits:
                task.cancel()
            await asyncio.gather(*waits, return_exceptions=True)


def kind_of(reason: str) -> str:
    """The kind of a dead letter's reason, from the few there are: what stands before its place and its details."""
    return reason.partition(":")[0].partition(" in ")[0].partition(" after ")[0][:40]
