"""Kafka, for who takes records of several topics of many lanes at once: all that has come, causes complete."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from kafka import TopicPartition

from pipeline.log.kafka import KafkaConnection, record_of
from pipeline.log.ports import LogUnavailable, Record

PATIENCE_S = 10.0  # for records the brokers say are there

Place = tuple[str, int]  # topic and lane


class Gather:
    """One reader's view of many lanes. Promise: what it hands out follows its positions without a hole."""

    def __init__(self, connection: KafkaConnection, reader: str) -> None:
        self._connection, self._follower = connection, connection.follower(reader)

    def come(self, at: Mapping[Place, int], most: int) -> dict[Place, list[Record]]:
        """Of each place what has come after its position, at most `most`; places without news are left out."""
        found = {}
        for place, after in at.items():
            records = self._follower.tail(self._partition(place), after).records
            if records:
                found[place] = [record_of(place[0], records[n]) for n in range(min(most, len(records)))]
        return found

    async def ends(self, places: Iterable[Place]) -> dict[Place, int]:
        """Offset of each place's newest record, all in one question. Raises LogUnavailable."""
        names = {self._partition(place): place for place in places}
        if not names:
            return {}
        found = await self._connection.ask(lambda: self._connection.consumer().end_offsets(list(names)))
        return {names[name]: int(end) for name, end in found.items()}

    async def reach(self, at: Mapping[Place, int], ends: Mapping[Place, int], most: int) -> None:
        """Returns when of each place all up to its end has come, or `most` records. Raises LogUnavailable."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not self._has_come(at, ends, most):
                    self._follower.news.clear()
                    await self._follower.news.wait()
        except TimeoutError as error:
            raise LogUnavailable(f"what the brokers said is there did not come within {PATIENCE_S:.0f} s") from error

    def _has_come(self, at: Mapping[Place, int], ends: Mapping[Place, int], most: int) -> bool:
        tails = {place: self._follower.tail(self._partition(place), at[place]) for place in ends}
        return all(tail.next >= ends[place] or len(tail.records) >= most for place, tail in tails.items())

    async def news(self) -> None:
        """Returns when anything has come since the last call."""
        await self._follower.news.wait()
        self._follower.news.clear()

    def _partition(self, place: Place) -> TopicPartition:
        return TopicPartition(self._connection.options.topic(place[0]), place[1])
