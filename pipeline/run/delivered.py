"""A lane of one topic whose records are brought by Faust, as a log: what was not brought is looked up."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

import structlog

from agents.faust_binding import Delivered
from pipeline.log.kafka import KafkaLane
from pipeline.log.kafka_notes import OffsetNotes
from pipeline.log.ports import Record

MOST_AHEAD = 256  # records that wait here; whoever brings more has to wait too
log_line = structlog.get_logger("stages")


class DeliveredLane:
    """Keeps the part of `Log` that a stage runs on. Promise: each record once, in order, whatever is delivered.

    Offsets are the lane's (Kafka's plus one). A record delivered twice is left out, a hole is filled from the lane
    itself, and so is all that lies after the reader's position when the lane is taken: its last records may have been
    delivered to somebody who died, and a fetch that stands still brings nothing more.
    """

    def __init__(self, lane: KafkaLane, topic: str, notes: OffsetNotes) -> None:
        self._lane, self._topic, self._notes = lane, topic, notes
        self._waiting: deque[Delivered] = deque()
        self._more = asyncio.Event()
        self._room = asyncio.Event()
        self._going = False
        self._idle = asyncio.Event()  # nothing is under way
        self._idle.set()
        self._caught_up = False
        self._looking = False  # because nothing came

    # -- from Faust

    async def deliver(self, record: Delivered) -> None:
        """Takes a record; waits while too many wait. While paused it is left out: it comes again, or is looked up."""
        while self._going and len(self._waiting) >= MOST_AHEAD:
            self._room.clear()
            await self._room.wait()
        if self._going:
            self._waiting.append(record)
            self._more.set()

    async def pause(self) -> None:
        """Returns when nothing is under way; nothing more is read until `resume`."""
        self._going = False
        self._waiting.clear()
        self._room.set()
        await self._idle.wait()

    def resume(self) -> None:
        """The lane is ours, perhaps after others had it."""
        self._caught_up = self._looking = False
        self._going = True
        self._more.set()

    def look_up(self) -> None:
        """Something lies in the lane for longer than it should: what was not brought is read from there."""
        if self._going and self._idle.is_set() and not self._waiting:
            self._caught_up, self._looking = False, True
            self._more.set()

    # -- for the stage

    async def read(self, topic: str, after: int, limit: int = 500) -> list[Record]:
        """Keeps LogReads, for the one topic of this lane; nothing while paused."""
        found: list[Record] = []
        if not self._going:
            self._idle.set()
            return found
        self._idle.clear()
        try:
            found = await self._missed(after, limit) or self._brought(after, limit)
        finally:
            if not found:
                self._idle.set()
        return found

    async def _missed(self, after: int, limit: int) -> list[Record]:
        """What lies next on the lane and was not brought."""
        if not self._caught_up:
            missed = await self._lane.between(self._topic, after, limit=limit)
            self._caught_up = not missed
            if missed and self._looking:
                log_line.warning("records were not brought", topic=self._topic, lane=self._lane.number, n=len(missed))
            return missed
        self._leave_out(after)
        if self._waiting and self._waiting[0].offset > after:
            return await self._lane.between(self._topic, after, self._waiting[0].offset + 1, limit)
        return []

    def _brought(self, after: int, limit: int) -> list[Record]:
        found: list[Record] = []
        for record in self._waiting:
            if len(found) == limit or (found and record.offset != found[-1].offset):
                break
            found.append(_record(record))
        return found

    async def wait(self, topic: str, after: int) -> None:
        """Returns when there may be more."""
        self._idle.set()
        self._more.clear()
        if self._going and (self._waiting or not self._caught_up):
            return
        await self._more.wait()

    async def append_many(self, topic: str, records: Sequence[tuple[str, bytes, bytes]]) -> list[int]:
        """Keeps Log."""
        return await self._lane.append_many(topic, records)

    async def committed(self, group: str, topic: str) -> int:
        """Keeps Log."""
        return await self._notes.committed(group, topic, self._lane.number)

    async def commit(self, group: str, topic: str, offset: int) -> None:
        """Keeps Log, but that the brokers hear of it soon, not at once; then Faust may forget what is done."""
        self._notes.note(group, topic, self._lane.number, offset)
        self._leave_out(offset)

    def _leave_out(self, upto: int) -> None:
        while self._waiting and self._waiting[0].offset < upto:
            self._waiting.popleft().done()
        self._room.set()


def _record(found: Delivered) -> Record:
    key = found.key.decode("utf-8", "replace")
    return Record(
        topic=found.topic, key=key, offset=found.offset + 1, value=found.value, at=found.at, lane=found.partition
    )
