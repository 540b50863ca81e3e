"""`hotline worker stages`: understanding, suggestions and record of the lanes this process holds."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from agents.build import build_stages
from agents.city import City
from agents.stage import Stage
from pipeline.log.kafka import KafkaConnection, KafkaLane
from pipeline.metrics import Metrics
from pipeline.record.recorder import GROUP as RECORDER
from pipeline.record.recorder import Recorder
from pipeline.run.lane_history import LaneHistory
from pipeline.run.lanes import LaneWork
from pipeline.run.stages import StageRunner
from pipeline.run.supervise import Part
from pipeline.run.understanding import EarlierTickets
from pipeline.run.warming import warm
from pipeline.store.sql_store import SqlStore
from schemas.catalogue import CityPack
from schemas.topics import CALLS


class StageWorker:
    """Promises those of `StageRunner` and `Recorder`, for every lane while it is held here.

    What a stage remembers of calls is a cache per lane: it is made when the lane is taken and gone when it is given up.
    """

    def __init__(self, connection: KafkaConnection, store: SqlStore, city: CityPack, metrics: Metrics) -> None:
        self._store, self._pack, self._metrics = store, city, metrics
        self._city = City(city)
        self.work = LaneWork(connection, "stages", CALLS, self._parts)

    def _parts(self, lane: KafkaLane) -> Mapping[str, Part]:
        parts: dict[str, Part] = {}
        noted_as = f"{RECORDER}/{lane.number}"
        parts["recorder"] = Recorder(lane.reader(RECORDER), self._store, reader=noted_as).run
        for stage in self._stages(lane):
            parts[f"stage.{stage.name}"] = StageRunner(lane.reader(stage.name), stage, self._observe).run
        return parts

    def _stages(self, lane: KafkaLane) -> list[Stage]:
        history = LaneHistory(lane, self._store)
        return build_stages(self._pack, history, EarlierTickets(self._store), self._city)

    def _observe(self, stage: str, seconds: float) -> None:
        self._metrics("hotline_stage_seconds", seconds, stage=stage)

    async def run(self, stop: asyncio.Event) -> None:
        """Warms up, then takes lanes until `stop`."""
        await warm(build_stages(self._pack, city=self._city))
        await self.work.run(stop)
