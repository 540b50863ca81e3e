"""Recorder of a house on Kafka: the lanes held here, all in one transaction per round."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from pipeline.log.kafka_gather import Gather, Place
from pipeline.log.ports import Record
from pipeline.record.rounds import Rounds
from pipeline.record.writing import GROUP, TOPICS, Append, Dead, Taken, Writing, taken
from pipeline.store.recording import noted
from pipeline.store.sql_store import SqlStore
from schemas.topics import CALLS

MOST = 200  # records per topic and lane in a round
ENOUGH = 1000  # records in a round; who comes after has his turn first in the next


class LanesRecorder(Rounds[Place]):
    """Promises those of `Recorder` for each of its lanes. Made anew whenever the lanes change."""

    def __init__(
        self,
        gather: Gather,
        store: SqlStore,
        append: Append,
        lanes: Iterable[int],
        dead: Dead = lambda stage, reason: None,
        *,
        most: int = MOST,
        enough: int = ENOUGH,
    ) -> None:
        super().__init__()
        self._gather, self._store = gather, store
        self._writing = Writing(store, append, dead)
        self._lanes = sorted(lanes)
        self._most, self._enough = most, enough

    async def _round(self) -> int:
        # what follows is taken first; its causes are then surely before the end of `calls` as it is afterwards
        later = self._gather.come({place: at for place, at in self._at.items() if place[0] != CALLS}, self._most)
        causes = {(CALLS, n): self._at[CALLS, n] for n in dict.fromkeys(n for _, n in later)}
        ends = await self._gather.ends(causes)
        await self._gather.reach(causes, ends, self._most)
        first = self._gather.come({place: at for place, at in self._at.items() if place[0] == CALLS}, self._most)
        round_ = self._chosen(first, later, ends)
        if not round_:
            return 0
        await self._writing.write(round_)
        for (topic, n), upto in ((self._place(t), t.upto) for t in round_):
            self._at[topic, n] = upto
        return sum(t.size for t in round_)

    def _chosen(
        self, first: Mapping[Place, list[Record]], later: Mapping[Place, list[Record]], ends: Mapping[Place, int]
    ) -> list[Taken]:
        """Lane by lane, causes before what follows; a lane whose causes are far behind has only them."""
        found: list[Taken] = []
        size = 0
        for n in list(self._lanes):
            if size >= self._enough:
                break
            mine = [self._taken(CALLS, n, first.get((CALLS, n), []))]
            if mine[0].upto >= ends.get((CALLS, n), 0):
                mine += [self._taken(topic, n, later.get((topic, n), [])) for topic in TOPICS[1:]]
            found += [t for t in mine if t.size]
            size += sum(t.size for t in mine)
            self._lanes.append(self._lanes.pop(0))
        return found

    def _taken(self, topic: str, n: int, records: list[Record]) -> Taken:
        return taken(_reader(n), topic, records, self._at[topic, n])

    @staticmethod
    def _place(found: Taken) -> Place:
        return found.topic, int(found.reader.rpartition("/")[2])

    async def _resume(self) -> dict[Place, int]:
        """Where to go on: the record's own notes; from the start where a log was replaced."""
        places = [(topic, n) for topic in TOPICS for n in self._lanes]
        ends = await self._gather.ends(places)
        held = await self._store.read(lambda c: {n: noted(c, _reader(n)) for n in self._lanes})
        positions = {(topic, n): held[n].get(topic, 0) for topic, n in places}
        return {place: at if at <= ends[place] else 0 for place, at in positions.items()}

    async def _wait(self, stop: asyncio.Event) -> None:
        waits = [asyncio.ensure_future(self._gather.news()), asyncio.ensure_future(stop.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)


def _reader(lane: int) -> str:
    return f"{GROUP}/{lane}"
