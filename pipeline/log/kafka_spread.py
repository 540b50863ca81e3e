"""Kafka, for who writes about any call: each record goes to the lane of its call."""

from __future__ import annotations

import time
from collections.abc import Callable

from pipeline.log.kafka import KafkaConnection, KafkaLane, lane_of


class KafkaSpread:
    """Keeps `LogWrites` over all lanes."""

    def __init__(self, connection: KafkaConnection, clock: Callable[[], float] = time.time) -> None:
        self._connection, self._clock = connection, clock
        self._lanes: dict[int, KafkaLane] = {}

    async def append(self, topic: str, key: str, value: bytes, head: bytes = b"") -> int:
        """Offset within the lane. Raises LogFull or LogUnavailable."""
        n = lane_of(key)
        if n not in self._lanes:
            self._lanes[n] = KafkaLane(self._connection, n, self._clock)
        return await self._lanes[n].append(topic, key, value, head)
