"""Workers at work for as long as a block lasts, each over a connection of its own; and stages run to the end of a log."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Protocol, TypeVar

from agents.build import build_stages
from agents.ports import Earlier
from pipeline.log.kafka import KafkaConnection
from pipeline.log.kafka_options import KafkaOptions
from pipeline.log.kafka_topics import create_topics
from pipeline.log.ports import Log
from pipeline.run.stages import StageRunner
from pipeline.run.understanding import LoggedHistory
from schemas.topics import LANES
from tests.city import the_city
from tests.system.world import until


class Worker(Protocol):
    async def run(self, stop: asyncio.Event) -> None: ...


W = TypeVar("W", bound=Worker)


@contextlib.asynccontextmanager
async def at_work(options: KafkaOptions, make: Callable[[KafkaConnection], W]) -> AsyncIterator[W]:
    """Ends in good order; what the worker failed with is raised."""
    connection, stop = await KafkaConnection.open(options), asyncio.Event()
    worker = make(connection)
    task = asyncio.create_task(worker.run(stop))
    try:
        yield worker
    finally:
        stop.set()
        await task
        await connection.close()


async def topics_of_our_own(servers: str) -> KafkaOptions:
    """A house on this broker that no other test knows, with its topics made."""
    found = KafkaOptions(servers=servers, prefix=f"{uuid.uuid4().hex[:8]}.")
    await asyncio.to_thread(create_topics, found, LANES)
    return found


async def understood(log: Log, earlier: Earlier | None = None) -> None:
    """Runs the stages over all that stands in `calls`."""
    city = the_city()
    for stage in build_stages(city.index.pack, LoggedHistory(log), earlier, city):
        runner, stop = StageRunner(log, stage), asyncio.Event()
        task = asyncio.create_task(runner.run(stop))

        async def done(runner: StageRunner = runner) -> bool:
            return runner.position >= await log.end(runner.stage.reads)

        await until(done, "the stage to be done")
        stop.set()
        await task
