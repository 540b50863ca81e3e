"""`hotline worker relay`: decided facts from the store to Kafka. One process of them works, the others stand by."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from pipeline.log.kafka import KafkaConnection, KafkaLane
from pipeline.log.kafka_spread import KafkaSpread
from pipeline.record.relay import Relay
from pipeline.run.lanes import LaneWork
from pipeline.run.supervise import Part
from pipeline.store.sql_store import SqlStore
from schemas.topics import CALLS

GROUP = "relay"
_WORKING_LANE = 0  # whoever holds it relays: the outbox is one queue, and its order is kept by one reader


class RelayWorker:
    """Promises those of `Relay`; when the process at work ends or dies, another goes on."""

    def __init__(self, connection: KafkaConnection, store: SqlStore) -> None:
        self._relay = Relay(KafkaSpread(connection), store)
        self.work = LaneWork(connection, GROUP, CALLS, self._parts)

    def _parts(self, lane: KafkaLane) -> Mapping[str, Part]:
        return {"relay": self._relay.run} if lane.number == _WORKING_LANE else {}

    @property
    def is_working(self) -> bool:
        """Whether it is this process that relays now."""
        return _WORKING_LANE in self.work.lanes

    async def run(self, stop: asyncio.Event) -> None:
        """Works or stands by until `stop`."""
        await self.work.run(stop)
