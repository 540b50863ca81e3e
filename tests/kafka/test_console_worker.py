"""The desk of a house on Kafka: it answers, and shows what is being spoken in whichever lane."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from pipeline.log.kafka import KafkaConnection, KafkaLane, lane_of
from pipeline.log.kafka_options import KafkaOptions
from pipeline.metrics import Metrics
from pipeline.run.console_worker import ConsoleWorker
from pipeline.run.opening import open_city, open_store
from pipeline.run.partials import LanePartials
from pipeline.settings import Settings
from schemas import Event
from schemas.calls import PartialHeard
from schemas.codec import encode
from schemas.topics import LANES, PARTIALS
from tests.kafka.at_work import topics_of_our_own

pytestmark = pytest.mark.kafka


@pytest.fixture
async def options(kafka: str) -> KafkaOptions:
    return await topics_of_our_own(kafka)


def spoken(call: str, rev: int) -> bytes:
    body = PartialHeard(leg="caller", segment="s", rev=rev, start_s=0.0, stable="我要", unstable="投诉")
    at = datetime.now(UTC)
    return encode(Event(id=f"{call}-{rev}", tenant="yunlan", call=call, cause=None, at=at, body=body))


async def test_what_is_spoken_in_any_lane_is_followed(options: KafkaOptions) -> None:
    calls = [f"call-{n}" for n in range(6)]
    assert len({lane_of(call) for call in calls}) > 2
    reading, writing = await KafkaConnection.open(options), await KafkaConnection.open(options)
    following = LanePartials([KafkaLane(reading, n).reader("partials") for n in range(LANES)]).follow()
    seen: set[str] = set()

    async def speak() -> None:
        rev = 0
        while True:  # what is said before somebody follows is of no use to anybody
            rev += 1
            for call in calls:
                await KafkaLane(writing, lane_of(call)).append(PARTIALS, call, spoken(call, rev))
            await asyncio.sleep(0.1)

    speaking = asyncio.create_task(speak())
    async with asyncio.timeout(60):
        while seen != set(calls):
            partial = await anext(following)
            assert (partial.stable, partial.unstable) == ("我要", "投诉")
            seen.add(partial.call)
    speaking.cancel()
    await following.aclose()  # type: ignore[attr-defined]
    await reading.close()
    await writing.close()


async def test_the_desk_answers_and_stops(options: KafkaOptions, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, port=0)
    connection, store = await KafkaConnection.open(options), open_store(settings)
    stop, port = asyncio.Event(), asyncio.get_running_loop().create_future()
    worker = ConsoleWorker(settings, connection, store, open_city(settings), Metrics())
    task = asyncio.create_task(worker.run(stop, port.set_result))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{await asyncio.wait_for(port, 60)}") as http:
        assert (await http.get("/api/health")).status_code == 200
        assert (await http.get("/api/calls")).status_code == 401
    stop.set()
    await asyncio.wait_for(task, 60)
    await store.close()
    await connection.close()
