"""`hotline worker relay`: decided facts from the store to Kafka. One process of them works, the others stand by."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

from pipeline.log.kafka import KafkaConnection, KafkaLane
from pipeline.log.kafka_backlog import KafkaBacklog
from pipeline.log.kafka_spread import KafkaSpread
from pipeline.metrics import Metrics
from pipeline.record.relay import Relay
from pipeline.record.trends import TrendRecorder
from pipeline.run.handoff import HandoffPart
from pipeline.run.keeping import StoreKeeping
from pipeline.run.lane_ages import LaneAges
from pipeline.run.lanes import LaneWork
from pipeline.run.supervise import Part
from pipeline.store.outbox_age import oldest_waiting_s
from pipeline.store.sql_store import SqlStore
from schemas.topics import CALLS

GROUP = "relay"
OUTBOX = "outbox"  # what it reads, beside the topics
_WORKING_LANE = 0  # whoever holds it relays: the outbox is one queue, and its order is kept by one reader


class RelayWorker:
    """Promises those of `Relay`; when the process at work ends or dies, another goes on.

    Whoever stands by measures the outbox too: that nobody is at work must show.
    """

    def __init__(
        self,
        connection: KafkaConnection,
        store: SqlStore,
        metrics: Metrics,
        handoff: HandoffPart | None = None,
        trends: TrendRecorder | None = None,
    ) -> None:
        """`handoff` and `trends` work where the relay works, beside it; None = this house has none."""
        self._relay, self._store = Relay(KafkaSpread(connection), store), store
        self._handoff, self._trends = handoff, trends
        self.work = LaneWork(connection, GROUP, CALLS, self._parts)
        self._ages = LaneAges(
            metrics,
            GROUP,
            KafkaBacklog(connection.options),
            lambda: {(CALLS, n): {} for n in self.work.lanes},  # it holds lanes to be the one, and reads none
            topics=[CALLS],
            down=lambda: self.work.down,
            waits=self._waits,
        )

    async def _waits(self) -> dict[str, float]:
        now = datetime.now(UTC)
        return {OUTBOX: await self._store.read(lambda connection: oldest_waiting_s(connection, now))}

    def _parts(self, lane: KafkaLane) -> Mapping[str, Part]:
        if lane.number != _WORKING_LANE:
            return {}
        handoff = {"handoff": self._handoff.run} if self._handoff is not None else {}
        trends = {"trends": self._trends.run} if self._trends is not None else {}
        return {"relay": self._relay.run, "keeping": StoreKeeping(self._store).run, **handoff, **trends}

    @property
    def is_working(self) -> bool:
        """Whether it is this process that relays now."""
        return _WORKING_LANE in self.work.lanes

    async def run(self, stop: asyncio.Event) -> None:
        """Works or stands by until `stop`."""
        async with self._ages.measuring():
            await self.work.run(stop)
