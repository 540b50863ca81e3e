"""Kafka, for who seldom looks back: a lane from a moment on, page by page, so that little is held at once."""

from __future__ import annotations

from collections.abc import AsyncIterator

from kafka import TopicPartition

from pipeline.log.kafka import KafkaConnection, record_of
from pipeline.log.ports import Record

PAGE = 2000  # records


class LaneScan:
    """What of one lane was written from a moment on. Raises LogUnavailable when the brokers do not answer."""

    def __init__(self, connection: KafkaConnection, lane: int) -> None:
        self._connection = connection
        self._lane = lane

    async def offset_at(self, topic: str, unix_time: float) -> int:
        """The offset after which everything written from that time on stands."""
        return await self._connection.offset_at(self._place(topic), unix_time)

    async def after(self, topic: str, offset: int) -> AsyncIterator[list[Record]]:
        """Everything after `offset` that is there by now, in pages, oldest first."""
        place, at = self._place(topic), offset
        end = await self._connection.ask(lambda: int(self._connection.consumer().end_offsets([place])[place]))
        while at < end:
            at, found = await self._connection.walk(place, at, end, PAGE)
            if found:
                yield [record_of(topic, record) for record in found]

    def _place(self, topic: str) -> TopicPartition:
        return TopicPartition(self._connection.options.topic(topic), self._lane)
