"""What an ear on Kafka tells of its lanes: it holds them, speech waits while the model does not answer, then no more."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager

import pytest

from pipeline.asr.engine import Engine
from pipeline.asr.scripted import ScriptedEngine
from pipeline.log.kafka import lane_of
from pipeline.log.kafka_options import KafkaOptions
from pipeline.metrics import Metrics
from pipeline.run.ear_worker import EarWorker
from schemas.topics import AUDIO, LANES
from tests.kafka.at_work import at_work
from tests.kafka.child_worker import LINES, OPTIONS
from tests.kafka.test_workers import SOUND, options, until, world
from tests.unit.pipeline.asr.world import CALL, World
from tests.unit.pipeline.run.test_lane_ages import value

pytestmark = pytest.mark.kafka
__all__ = ["options", "world"]  # fixtures


def measured(options: KafkaOptions, engine: Engine, metrics: Metrics) -> AbstractAsyncContextManager[EarWorker]:
    async def tell(state: str) -> None:
        pass

    return at_work(options, lambda on: EarWorker(on, engine, OPTIONS, metrics, tell))  # type: ignore[arg-type]


async def test_speech_that_waits_for_the_model_is_as_old_as_it_is(options: KafkaOptions, world: World) -> None:
    answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    metrics = Metrics()

    def seen(name: str, **labels: str) -> float:
        try:
            return value(metrics, name, **labels)
        except AssertionError:
            return -1.0

    def age() -> float:
        return seen("hotline_log_oldest_unread_seconds", topic=AUDIO)

    await world.open()
    await world.sound(SOUND[:40_000])  # said hours ago, by the clock of this world
    async with measured(options, ScriptedEngine(LINES, wait=lambda window: answer), metrics) as worker:
        await until(world, lambda: lane_of(CALL) in worker.work.lanes)
        await until(world, lambda: seen("hotline_lanes_held", group="transcriber", topic=AUDIO) == LANES)
        await until(world, lambda: age() > 1.0)
        answer.set_result(None)
        await until(world, lambda: age() == 0.0)
        await world.end()
        assert (await world.heard()).failed == 0
        await until(world, lambda: seen("hotline_ear_streams") == 0.0)
    assert seen("hotline_parts_down", group="transcriber") == 0.0
