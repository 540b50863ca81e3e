"""Kafka, for who writes about any call: each record goes to the lane of its call."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence

from pipeline.log.kafka import KafkaConnection, KafkaLane, lane_of


class KafkaSpread:
    """Keeps `LogWrites` over all lanes."""

    def __init__(self, connection: KafkaConnection, clock: Callable[[], float] = time.time) -> None:
        self._connection, self._clock = connection, clock
        self._lanes: dict[int, KafkaLane] = {}
        self._times: deque[float] = deque()  # of the records about to be sent

    def lane(self, key: str) -> KafkaLane:
        """The lane of the key's call."""
        n = lane_of(key)
        if n not in self._lanes:
            self._lanes[n] = KafkaLane(self._connection, n, self._time)
        return self._lanes[n]

    async def append(self, topic: str, key: str, value: bytes, head: bytes = b"") -> int:
        """Offset within the lane. Raises LogFull or LogUnavailable."""
        return await self.lane(key).append(topic, key, value, head)

    async def append_many(
        self,
        topic: str,
        records: Sequence[tuple[str, bytes, bytes]],
        at: Sequence[float] = (),
    ) -> list[int]:
        """(key, value, head) records of one lane; their offsets. One that raises may have left some of them.

        `at`: unix seconds at which each was accepted; empty = now.
        """
        if not records:
            return []
        self._times = deque(at)
        try:
            return await self.lane(records[0][0]).append_many(topic, records)  # hands all over before it first waits
        finally:
            self._times.clear()

    def _time(self) -> float:
        return self._times.popleft() if self._times else self._clock()
