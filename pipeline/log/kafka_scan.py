"""Kafka, for who seldom looks back: a lane from a moment on, page by page, so that little is held at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from kafka import TopicPartition

from pipeline.log.kafka import KafkaConnection, record_of
from pipeline.log.ports import Record

PAGE = 2000  # records
POLL_MS = 500


class LaneScan:
    """What of one lane was written from a moment on. Raises LogUnavailable when the brokers do not answer."""

    def __init__(self, connection: KafkaConnection, lane: int) -> None:
        self._connection = connection
        self._lane = lane

    async def offset_at(self, topic: str, unix_time: float) -> int:
        """The offset after which everything written from that time on stands."""
        place = self._place(topic)

        def look() -> int:
            consumer = self._connection.consumer()
            first = consumer.offsets_for_times({place: int(unix_time * 1000)})[place]
            return int(first.offset if first else consumer.end_offsets([place])[place])

        return await self._connection.ask(look)

    async def after(self, topic: str, offset: int) -> AsyncIterator[list[Record]]:
        """Everything after `offset` that is there by now, in pages, oldest first."""
        place, at = self._place(topic), offset
        end = await self._connection.ask(lambda: int(self._connection.consumer().end_offsets([place])[place]))
        while at < end:
            at, found = await self._connection.ask(partial(self._page, place, at, end))
            if found:
                yield [record_of(topic, record) for record in found]

    def _page(self, place: TopicPartition, at: int, end: int) -> tuple[int, list[Any]]:
        """Records from `at` on, and where the next page begins."""
        consumer = self._connection.consumer()
        at = max(at, int(consumer.beginning_offsets([place])[place]))
        consumer.assign([place])
        consumer.seek(place, at)
        found: list[Any] = []
        while at < end and len(found) < PAGE:
            for record in consumer.poll(timeout_ms=POLL_MS, max_records=PAGE).get(place, []):
                if record.offset < end:
                    found.append(record)
                at = record.offset + 1
        return at, found

    def _place(self, topic: str) -> TopicPartition:
        return TopicPartition(self._connection.options.topic(topic), self._lane)
