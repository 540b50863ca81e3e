"""Dead letters: what could not be digested is looked at, mended and put back, by a person's hand and on record.

How a record comes back into a stream that has gone on without it (tests/system/test_dead_letters.py shows each):

* **Discard** puts nothing back. It only says who saw it, and why nothing is done.
* **Repair** (its bytes were edited) appends one new event to the topic it failed on, under the call's key, with the
  letter as its cause. It keeps the id its bytes carried, if no reader could have taken it in under that id; otherwise
  the id derives from the letter. Every reader meets it as an event that came late. So only what may come late is taken:
  not the beginning of a call, and nothing that a later event on the same thing has overtaken. Utterances find their
  place by the time they were spoken, so the draft's matters are what they would have been; its revision counts the
  event where it came, and drafts made before it came are not made again.
* **Replay** (as it is, after the code or what is around it was mended) of what the recorder could not write is written
  into the record at once. For a stage the record and everything after it of that call is appended again under the same
  ids: the fold goes back to where it stood before the record and runs on from there, so its outputs appear under the
  ids they would have had, and the last draft, one revision higher, replaces the one that lacked it. Readers that knew
  these events change nothing. It waits until the call has ended.

Before anything is written the record is tried out on the call's own stream: what would fail again is refused.
Letter, decision, audit entry and what goes out stand in one transaction; the relay publishes it, embedded as on Kafka.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NoReturn

import msgspec

from agents.stage import Poison, Stage, Transient
from pipeline.log.ports import LogReads, Record
from pipeline.log.recordings import Recordings
from pipeline.record.recorder import GROUP as RECORDER
from pipeline.run.dead_letter import Letter, mark, of_log, of_record, repaired_id, with_data
from pipeline.run.dead_rules import NotMendable, may_come_late
from pipeline.store import dead_letters
from pipeline.store.dead_letters import Published
from pipeline.store.recording import record_events
from pipeline.store.sql_store import SqlStore
from pipeline.store.tx import Tx
from schemas import Event
from schemas.calls import CallEnded
from schemas.codec import BadEvent, decode, encode
from schemas.draft import DeadSettled
from schemas.topics import CALLS, DEAD, TOPIC_OF

MOST_EVENTS = 50_000  # of one call


class DeadLetters:
    """All letters of a house. Raises NotMendable with the reason where something can't be done; then nothing was."""

    def __init__(
        self,
        log: Recordings,
        store: SqlStore,
        stages: Callable[[], list[Stage]],
        *,
        by: str,  # account of the operator
        now: Callable[[], float] = time.time,  # unix seconds
    ) -> None:
        self._log, self._store, self._stages, self._by, self._now = log, store, stages, by, now

    async def all(self) -> list[Letter]:
        """Every letter the log or the record knows, oldest first."""
        found = {k.letter: of_record(k) for k in await self._store.read(lambda c: dead_letters.kept(c))}
        async for record in self._log.all_of(DEAD):
            if letter := of_log(record):
                found[letter.id] = letter
        done = await self._store.read(lambda c: dead_letters.settled(c))
        for letter in found.values():
            mark(letter, done)
        return sorted(found.values(), key=lambda letter: letter.parked_at)

    async def find(self, id: str) -> tuple[Letter, bytes]:
        """A letter and the bytes it holds."""
        known = await self._store.read(lambda c: dead_letters.kept(c, id))
        found: tuple[Letter, bytes] | None = None
        records = await (await self._log.call(known[0].call)).read_key(DEAD, known[0].call) if known else []
        for record in records:
            found = with_data(record, id) or found
        if found is None:
            async for record in self._log.all_of(DEAD):
                found = with_data(record, id) or found
        if found is None:
            if known:
                raise NotMendable(f"the log no longer holds letter {id}; hotline dead discard {id} settles it")
            raise NotMendable(f"there is no dead letter {id}")
        mark(found[0], await self._store.read(lambda c: dead_letters.settled(c, found[0].call)))
        return found

    async def view(self, id: str, why: str) -> bytes:
        """What a letter holds; that it was read, by whom and why, is noted first."""
        letter, data = await self.find(id)
        await self._store.write(lambda tx: dead_letters.viewed(tx, letter.id, self._by, why, self._time()))
        return data

    async def discard(self, id: str, why: str) -> None:
        """Settles a letter without putting anything back."""
        known = await self._store.read(lambda c: dead_letters.kept(c, id))
        call = known[0].call if known else (await self.find(id))[0].call
        done = await self._store.read(lambda c: dead_letters.settled(c, call))
        if id in done and not known:
            _refuse_settled(id, done[id].how)
        await self._settle(call, [id], "discarded", why, ())

    async def repair(self, id: str, edited: bytes, why: str = "") -> Event:
        """Puts the edited record back as an event that comes late; returns it as it goes out."""
        letter, data = await self._open(id)
        try:
            event = decode(edited)
        except BadEvent as error:
            raise NotMendable(f"the repaired record does not decode: {error}") from error
        if event.call != letter.call:
            raise NotMendable(f"the repaired record belongs to call {event.call!r}, the letter to {letter.call!r}")
        if TOPIC_OF.get(event.type) != letter.topic:
            raise NotMendable(f"{event.type} does not travel on topic {letter.topic}")
        event = msgspec.structs.replace(event, id=repaired_id(letter.id, data), cause=letter.id)
        log = await self._log.call(letter.call)
        past = await _decoded(log, letter.topic, letter.call)
        if any(before.id == event.id for _, before in past):
            raise NotMendable(f"event {event.id} stands in the stream by now")
        may_come_late(event, [e for r, e in past if r.offset > letter.offset])
        await self._try_out(letter, [e for _, e in past], event)
        await self._try_record([event])
        alike = await self._same_record(letter)
        out = [Published(topic=letter.topic, key=letter.call, data=encode(event))]
        await self._settle(letter.call, alike, "repaired", why, out, (event.id,))
        return event

    async def replay(self, id: str, why: str = "") -> int:
        """Puts the record through the stage that could not digest it; returns how many records went out again."""
        letter, data = await self._open(id)
        try:
            event = decode(data)
        except BadEvent as error:
            raise NotMendable(f"its bytes do not decode ({error}): repair it") from error
        if letter.stage == RECORDER:
            await self._settle(letter.call, [id], "replayed", why, (), (event.id,), record=[event])
            return 0
        log = await self._log.call(letter.call)
        past = await _decoded(log, letter.topic, letter.call)
        tail = [record for record, _ in past if record.offset >= letter.offset]
        if not tail or tail[0].offset != letter.offset or tail[0].value != data:
            raise NotMendable(f"the log no longer holds the call's stream from {letter.topic}/{letter.offset} on")
        ended = (e for _, e in (past if letter.topic == CALLS else await _decoded(log, CALLS, letter.call)))
        if not any(isinstance(e.body, CallEnded) for e in ended):
            raise NotMendable(f"call {letter.call} is still under way: replay when it has ended")
        await self._try_out(letter, [e for r, e in past if r.offset < letter.offset], event)
        out = [Published(topic=r.topic, key=r.key, data=r.value) for r in tail]
        await self._settle(letter.call, [id], "replayed", why, out, (event.id,))
        return len(out)

    # -- the parts

    async def _open(self, id: str) -> tuple[Letter, bytes]:
        letter, data = await self.find(id)
        if letter.settled:
            _refuse_settled(id, letter.settled)
        if letter.stage.startswith("door."):
            raise NotMendable("a door refused this before it was a record of the log: it can only be discarded")
        return letter, data

    async def _try_out(self, letter: Letter, past: Sequence[Event], event: Event) -> None:
        """Folds the call's stream and then the record, in stages of our own."""
        for stage in self._stages():
            if stage.reads != letter.topic:
                continue
            for before in past:
                try:
                    await stage(before)
                except Exception:  # parked when the running stage met it
                    continue
            try:
                await stage(event)
            except (Poison, Transient) as error:
                raise NotMendable(f"stage {stage.name} would park it again: {error}") from error
            except Exception as error:
                raise NotMendable(f"stage {stage.name} would park it again: {type(error).__name__}") from error

    async def _try_record(self, events: Sequence[Event]) -> None:
        """Writes into the record and undoes it."""

        def attempt(tx: Tx) -> None:
            record_events(tx, events)
            raise _Undo

        try:
            await self._store.write(attempt)
        except _Undo:
            return
        except Exception as error:
            raise NotMendable(f"the recorder would park it again: {type(error).__name__}: {error}") from error

    async def _same_record(self, letter: Letter) -> list[str]:
        """Open letters about the same record: every reader that met it wrote one."""
        place = (letter.call, letter.topic, letter.offset)
        known = await self._store.read(lambda c: dead_letters.kept(c))
        done = await self._store.read(lambda c: dead_letters.settled(c, letter.call))
        alike = [k.letter for k in known if (k.call, k.topic, k.offset) == place and k.letter not in done]
        return list(dict.fromkeys([letter.id, *alike]))

    async def _settle(
        self,
        call: str,
        letters: Sequence[str],
        how: str,
        why: str,
        out: Sequence[Published],
        events: tuple[str, ...] = (),
        record: Sequence[Event] = (),
    ) -> None:
        said = [DeadSettled(letter=id, how=how, by=self._by, why=why, events=events) for id in letters]  # type: ignore[arg-type]

        def act(tx: Tx) -> None:
            if record:
                record_events(tx, record)
            dead_letters.settle(tx, call, said, out, self._time())

        if not record:
            await self._store.write(act)
            return
        try:
            await self._store.write(act)
        except ValueError as error:
            raise NotMendable(f"the recorder would park it again: {type(error).__name__}: {error}") from error

    def _time(self) -> datetime:
        return datetime.fromtimestamp(self._now(), UTC)


class _Undo(Exception):
    """Rolls a trial back."""


def _refuse_settled(id: str, how: str) -> NoReturn:
    raise NotMendable(f"letter {id} has been dealt with: {how}")


async def _decoded(log: LogReads, topic: str, call: str) -> list[tuple[Record, Event]]:
    """The call's records of a topic that are events."""
    found = []
    for record in await log.read_key(topic, call, limit=MOST_EVENTS):
        try:
            found.append((record, decode(record.value)))
        except BadEvent:
            continue
    return found
