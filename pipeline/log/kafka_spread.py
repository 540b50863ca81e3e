"""Kafka, for who writes about any call: each record goes to the lane of its call."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from pipeline.log.kafka import KafkaConnection, KafkaLane, lane_of


class KafkaSpread:
    """Keeps `LogWrites` over all lanes."""

    def __init__(self, connection: KafkaConnection, clock: Callable[[], float] = time.time) -> None:
        self._connection, self._clock = connection, clock
        self._lanes: dict[int, KafkaLane] = {}

    def lane(self, key: str) -> KafkaLane:
        """The lane of the key's call."""
        n = lane_of(key)
        if n not in self._lanes:
            self._lanes[n] = KafkaLane(self._connection, n, self._clock)
        return self._lanes[n]

    async def append(self, topic: str, key: str, value: bytes, head: bytes = b"") -> int:
        """Offset within the lane. Raises LogFull or LogUnavailable."""
        return await self.lane(key).append(topic, key, value, head)

    async def append_many(self, topic: str, records: Sequence[tuple[str, bytes, bytes]]) -> list[int]:
        """(key, value, head) records of one call; their offsets. One that raises may have left some of them."""
        return await self.lane(records[0][0]).append_many(topic, records) if records else []
