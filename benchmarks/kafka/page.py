"""How long a final takes from Kafka to a page, through stages and console as processes of their own."""

from __future__ import annotations

import time
from typing import Any

from benchmarks.kafka.house import connected, kafka_house, until
from benchmarks.stages.page import Watched, watch
from pipeline.log.kafka_spread import KafkaSpread
from schemas.topics import LANES
from tests.kafka.broker import Broker, free_port
from tests.postgres.server import Server


async def final_to_page(broker: Broker, database: Server, calls: int, gap_s: float) -> dict[str, Any]:
    """A final appended to `calls` until a websocket of the page has the frame with its draft."""
    async with kafka_house(broker, database, f"benchpage{time.time_ns() % 10**6}") as (house, store):
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        stages = house.start("worker", "stages")
        console = house.start("console", port=str(port), origins=url)
        await until(lambda: stages.figure("hotline_lanes_held") >= 2 * LANES, "all partitions held")
        await until(lambda: console.figure("process_cpu_seconds_total") > 0, "the console at work")
        async with connected(house) as connection:
            return await watch(Watched(url, store, KafkaSpread(connection).append), calls, gap_s)
