"""Recorder, after the stages: writes once what every desk shows, together with the rows of the desk's streams."""

from __future__ import annotations

import asyncio

from pipeline.log.ports import Log
from pipeline.record.rounds import Rounds
from pipeline.record.writing import GROUP, TOPICS, Dead, Taken, Writing, taken
from pipeline.store.recording import noted
from pipeline.store.sql_store import SqlStore
from schemas.topics import CALLS

MOST = 200  # records per topic and transaction


class Recorder(Rounds[str]):
    """Every event of its topics reaches the record once, in order, however often it is stopped or killed.

    The offset reached is written in the transaction of the events themselves; the log's own commit follows it.
    """

    def __init__(self, log: Log, store: SqlStore, *, most: int = MOST, dead: Dead = lambda stage, reason: None) -> None:
        super().__init__()
        self._log, self._store = log, store
        self._reader = GROUP
        self._writing = Writing(store, log.append, dead)
        self._most = most

    async def drain(self) -> int:
        """Records all there is now; returns how many records it took. For a shutdown and for tests."""
        total = 0
        while count := await self.step():
            total += count
        return total

    async def _round(self) -> int:
        # what follows is read first: its causes are then surely among what is read of `calls` after it
        later = [await self._take(topic) for topic in TOPICS[1:]]
        first = await self._take(CALLS)
        found = [t for t in (first, *later) if t.size]
        if not found:
            return 0
        if first.size >= self._most and first.upto < await self._log.end(CALLS):
            found = [first]  # far behind: causes first
        await self._writing.write(found)
        for t in found:
            self._at[t.topic] = t.upto
            await self._log.commit(GROUP, t.topic, t.upto)
        return sum(t.size for t in found)

    async def _take(self, topic: str) -> Taken:
        after = self._at[topic]
        return taken(self._reader, topic, await self._log.read(topic, after, self._most), after)

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
