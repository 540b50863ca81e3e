"""How many live calls a core of a gateway bears, beside the embedded house's door, the ear off in both."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import websockets

from benchmarks.kafka.house import SWITCH, Process, connected, environment, kafka_house, until
from pipeline.log.kafka import KafkaLane
from schemas.topics import AUDIO, LANES
from tests.kafka.broker import Broker, free_port
from tests.postgres.server import Server

RATE, LEGS = 8000, ["caller", "agent"]
FRAME_S = 0.02  # of sound in a message, as switches send it
HEADERS = {"Authorization": f"Bearer {SWITCH.partition('=')[2]}"}


async def through_gateway(broker: Broker, database: Server, calls: int, seconds: float) -> dict[str, Any]:
    """Two-legged G.711 calls in real time, all at once, into one gateway over a real broker."""
    async with kafka_house(broker, database, f"benchgw{time.time_ns() % 10**6}") as (house, _):
        port = free_port()
        process = house.start("gateway", door_port=str(port), door_max_calls=str(calls + 1))
        figures = await _measured(process, port, calls, seconds)
        async with connected(house) as connection:
            records = sum([await KafkaLane(connection, n).end(AUDIO) for n in range(LANES)])
    return figures | {"records_per_second_of_a_leg": round(records / (calls * seconds * len(LEGS)), 1)}


async def through_embedded_door(calls: int, seconds: float) -> dict[str, Any]:
    """The same into the embedded house, whose one process has a desk and stages too."""
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        port = free_port()
        settings = {
            "HOTLINE_HOME": folder,
            "HOTLINE_SWITCHES": SWITCH,
            "HOTLINE_PORT": str(free_port()),
            "HOTLINE_DOOR_PORT": str(port),
            "HOTLINE_DOOR_MAX_CALLS": str(calls + 1),
            "HOTLINE_ASR_ENABLED": "false",
        }
        process = Process(["serve"], environment() | settings, Path(folder) / "output")
        try:
            return await _measured(process, port, calls, seconds)
        finally:
            await asyncio.to_thread(process.stop)


async def _measured(process: Process, port: int, calls: int, seconds: float) -> dict[str, Any]:
    await until(lambda: _opens(port), "the door open")
    before, began = process.cpu_s(), time.perf_counter()
    late = await asyncio.gather(*(_call(port, n, calls, seconds) for n in range(calls)))
    took, spent = time.perf_counter() - began, process.cpu_s() - before
    return {
        "calls": calls,
        "seconds": round(took, 1),
        "cpu_share": round(spent / took, 3),
        "live_calls_per_core": round(calls * seconds / spent, 1),
        "latest_frame_s": round(max(late), 3),  # of the sender: more than a frame or two = the machine was full
    }


async def _opens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


async def _call(port: int, n: int, calls: int, seconds: float) -> float:
    """Speaks for so long; the longest that a frame was sent after its time."""
    start = {
        "v": 1,
        "type": "start",
        "call": f"bench-{n}",
        "codec": "PCMA",
        "rate": RATE,
        "legs": LEGS,
        "notice": "played",
    }
    frame = bytes((n * 7 + k) % 251 for k in range(int(RATE * FRAME_S) * len(LEGS)))
    await asyncio.sleep(n / calls * FRAME_S)  # callers do not speak in step
    latest = 0.0
    async with websockets.connect(f"ws://127.0.0.1:{port}/", additional_headers=HEADERS, compression=None) as socket:
        await socket.send(json.dumps(start))
        began = time.perf_counter()
        for k in range(int(seconds / FRAME_S)):
            wait = began + k * FRAME_S - time.perf_counter()
            latest = max(latest, -wait)
            if wait > 0:
                await asyncio.sleep(wait)
            await socket.send(frame)
        await socket.send(json.dumps({"type": "stop"}))
        await socket.wait_closed()
    return latest
