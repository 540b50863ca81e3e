"""Kafka: how far the readers of this process are, told to the brokers for all lanes at once, now and then."""

from __future__ import annotations

import asyncio
from collections import defaultdict

import structlog
from kafka import OffsetAndMetadata, TopicPartition

from pipeline.log.kafka import KafkaConnection
from pipeline.log.ports import LogUnavailable

EVERY_S = 0.5  # what was done since is done again after a kill; ids from causes make that harmless
log_line = structlog.get_logger("kafka")


class OffsetNotes:
    """Promise: after `flush` the brokers know every offset noted; without it they know it soon."""

    def __init__(self, connection: KafkaConnection) -> None:
        self._connection = connection
        self._untold: dict[str, dict[TopicPartition, int]] = defaultdict(dict)  # group → place → offset

    def note(self, group: str, topic: str, lane: int, offset: int) -> None:
        """The group has finished with everything up to `offset` of a lane."""
        self._untold[group][self._place(topic, lane)] = offset

    async def committed(self, group: str, topic: str, lane: int) -> int:
        """Last offset the group has finished with; 0 at first. Raises LogUnavailable."""
        place = self._place(topic, lane)
        if place in self._untold[group]:
            return self._untold[group][place]
        return int(await self._connection.ask(lambda: self._connection.consumer(group).committed(place)) or 0)

    def forget(self, topic: str, lane: int) -> None:
        """The lane is another's now: what is untold of it will be done again."""
        for untold in self._untold.values():
            untold.pop(self._place(topic, lane), None)

    async def flush(self) -> None:
        """Tells what is untold. Raises LogUnavailable; then it stays untold."""
        for group in list(self._untold):
            told = dict(self._untold[group])
            if not told:
                continue
            offsets = {place: OffsetAndMetadata(offset, "", -1) for place, offset in told.items()}
            await self._connection.ask(lambda g=group, o=offsets: self._connection.consumer(g).commit(o))  # type: ignore[misc]
            for place, offset in told.items():
                if self._untold[group].get(place) == offset:
                    del self._untold[group][place]

    async def run(self, stop: asyncio.Event) -> None:
        """Flushes every EVERY_S until `stop`, and at the end."""
        while not stop.is_set():
            stopping = asyncio.ensure_future(stop.wait())
            await asyncio.wait({stopping}, timeout=EVERY_S)
            stopping.cancel()
            try:
                await self.flush()
            except LogUnavailable as error:
                log_line.warning("kafka_notes_wait", reason=str(error)[:200])

    def _place(self, topic: str, lane: int) -> TopicPartition:
        return TopicPartition(self._connection.options.topic(topic), lane)
