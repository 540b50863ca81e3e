"""`hotline worker transcriber`: the ear of the lanes this process holds, all over one model."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from pipeline.asr.engine import Engine
from pipeline.asr.options import EarOptions
from pipeline.asr.shared import SharedEngine
from pipeline.asr.transcriber import GROUP, EarState, Notice, Transcriber
from pipeline.log.kafka import KafkaConnection, KafkaLane
from pipeline.log.kafka_backlog import KafkaBacklog
from pipeline.metrics import Metrics
from pipeline.run.lane_ages import Held, LaneAges
from pipeline.run.lane_meter import LaneMeters
from pipeline.run.lanes import LaneWork
from pipeline.run.supervise import Part
from schemas.topics import AUDIO

_WORSE: tuple[EarState, ...] = ("ok", "late", "down")


class WorstState:
    """The ears of all lanes as one: told on whenever the worst of them changes."""

    def __init__(self, tell: Notice) -> None:
        self._tell = tell
        self._states: dict[object, EarState] = {}
        self._told: EarState | None = None

    def of(self, ear: object) -> Callable[[EarState], Awaitable[None]]:
        """Where one ear tells its state."""

        async def heard(state: EarState) -> None:
            self._states[ear] = state
            await self._look()

        return heard

    async def drop(self, ear: object) -> None:
        """An ear has been given up; how it was no longer counts."""
        self._states.pop(ear, None)
        await self._look()

    async def _look(self) -> None:
        worst: EarState = max(self._states.values(), key=lambda state: _WORSE.index(state), default="ok")
        if worst != self._told:
            self._told = worst
            await self._tell(worst)


class EarWorker:
    """Promises those of `Transcriber`, for every lane while it is held here."""

    def __init__(
        self, connection: KafkaConnection, engine: Engine, options: EarOptions, metrics: Metrics, tell: Notice
    ) -> None:
        self._engine, self._options, self._meters = engine, options, LaneMeters(metrics)
        self._states = WorstState(tell)
        self._ears: dict[int, Transcriber] = {}
        self.work = LaneWork(connection, GROUP, AUDIO, self._parts)
        self._ages = LaneAges(
            metrics,
            GROUP,
            KafkaBacklog(connection.options),
            self._held,
            topics=[AUDIO],
            down=lambda: self.work.down,
            waits=self._waits,
        )

    def _held(self) -> Held:
        return {(AUDIO, n): {"ear": self._ears[n].audio_read if n in self._ears else 0} for n in self.work.lanes}

    async def _waits(self) -> dict[str, float]:
        return {AUDIO: max((ear.lag_s for ear in self._ears.values()), default=0.0)}

    def _parts(self, lane: KafkaLane) -> Mapping[str, Part]:
        async def hear(stop: asyncio.Event) -> None:
            ear = Transcriber(
                lane,
                SharedEngine(self._engine),
                self._options,
                meter=self._meters.of(lane.number),
                tell=self._states.of(lane),
            )
            self._ears[lane.number] = ear
            try:
                await ear.run(stop)
            finally:
                del self._ears[lane.number]
                self._meters.drop(lane.number)
                await self._states.drop(lane)

        return {"ear": hear}

    async def run(self, stop: asyncio.Event) -> None:
        """Loads the model, then takes lanes until `stop`. Raises EngineDown."""
        await self._engine.start()
        try:
            async with self._ages.measuring():
                await self.work.run(stop)
        finally:
            await self._engine.stop()
