"""`python -m benchmarks.stages`: prints one JSON object."""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import statistics
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import websockets

from agents.build import build_stages
from agents.step import Source, step
from benchmarks.stages.material import call_events
from console.passwords import hash_password
from pipeline.run.embedded import Embedded
from pipeline.run.logging import quiet_logging
from pipeline.run.opening import open_city
from pipeline.run.warming import warm
from pipeline.run.wiring import build
from pipeline.settings import Settings
from schemas.calls import UtteranceHeard
from schemas.codec import encode
from schemas.topics import TOPIC_OF

LOGIN, PASSWORD = "bench", "bench-only-password"


async def through_stages(calls: int) -> dict[str, Any]:
    """Utterances per second of one process through every stage, bytes in, bytes out, as `step` runs them."""
    stages = build_stages(open_city(Settings()))
    await warm(stages)
    streams = [call_events(n) for n in range(calls)]
    utterances = sum(isinstance(event.body, UtteranceHeard) for stream in streams for event in stream)
    times: list[float] = []
    began = time.perf_counter()
    for stream in streams:
        waiting = [(event, TOPIC_OF[event.type]) for event in stream]
        while waiting:
            event, topic = waiting.pop(0)
            data = encode(event)
            began_one = time.perf_counter()
            for stage in stages:
                if stage.reads == topic:
                    for output in await step(stage, data, Source(topic=topic, offset=0, key=event.call), asyncio.sleep):
                        encode(output)
                        waiting.append((output, TOPIC_OF[output.type]))
            if isinstance(event.body, UtteranceHeard):
                times.append(time.perf_counter() - began_one)
    seconds = time.perf_counter() - began
    return {
        "calls": calls,
        "utterances": utterances,
        "utterances_per_second": round(utterances / seconds, 1),
        "understanding_ms": _spread(times),
    }


async def final_to_page(calls: int, gap_s: float) -> dict[str, Any]:
    """A final appended to the log until the frame with its draft reaches a websocket of the page."""
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        house = build(
            Settings(home=Path(folder), port=0, door_port=0, asr_enabled=False, switches="b=0123456789abcdef"), None
        )
        await house.store.ensure_user(LOGIN, "测量", "agent", hash_password(PASSWORD), "1")
        running = Embedded(house)
        await running.start()
        try:
            waits: list[float] = []
            for n in range(calls):
                waits += await _one_call(running, n, gap_s)
            return {"finals": len(waits), "text_ms": _spread(waits[0::2]), "draft_ms": _spread(waits[1::2])}
        finally:
            await running.stop()


async def _one_call(running: Embedded, n: int, gap_s: float) -> list[float]:
    events = call_events(n, agent=LOGIN, at=datetime.now(UTC))
    log, call = running.house.log, events[0].call
    waits: list[float] = []
    async with httpx.AsyncClient(base_url=running.url, headers={"Origin": running.url}) as http:
        await http.post("/api/login", json={"login": LOGIN, "password": PASSWORD})
        ticket = (await http.post("/api/ws-ticket", json={})).json()["ticket"]
        cookie = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
    for event in events[:2]:
        await log.append(TOPIC_OF[event.type], call, encode(event))
    address = running.url.replace("http", "ws") + "/api/ws"
    async with websockets.connect(address, origin=running.url, additional_headers={"Cookie": cookie}) as socket:  # type: ignore[arg-type]
        await socket.send(json.dumps({"t": "auth", "ticket": ticket}))
        await _until(socket, lambda frame: frame["t"] == "hello")
        await _on_record(running, call)
        await socket.send(json.dumps({"t": "resume", "stream": f"call:{call}", "epoch": "", "offset": 0}))
        await _until(socket, lambda frame: frame["t"] == "recovered")
        for event in events[2:]:
            if not isinstance(event.body, UtteranceHeard):
                continue
            wanted = event.body.utterance
            sent = time.perf_counter()
            await log.append(TOPIC_OF[event.type], call, encode(event))
            await _until(socket, lambda f, w=wanted: f.get("kind") == "utterance" and f["data"]["id"] == w)
            waits.append(time.perf_counter() - sent)
            await _until(socket, lambda f, w=wanted: f.get("kind") == "draft" and _covers(f["data"], w))
            waits.append(time.perf_counter() - sent)
            await asyncio.sleep(gap_s)
    return waits


async def _on_record(running: Embedded, call: str) -> None:
    """A page may follow a call once the call is on record."""
    store = running.house.store
    row = 0
    while True:
        rows = await store.rows_after(row)
        if any(r.stream == f"call:{call}" or (r.kind == "call" and r.data["id"] == call) for r in rows):
            return
        row = rows[-1].row if rows else row
        await store.wait_rows(row)


def _covers(draft: dict[str, Any], utterance: str) -> bool:
    return any(utterance in view["matter"].get("utterances", ()) for view in draft["matters"])


async def _until(socket: Any, wanted: Any) -> None:
    async with asyncio.timeout(30):
        while not wanted(json.loads(await socket.recv())):
            pass


def _spread(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {
        "p50": round(statistics.median(ordered) * 1000, 2),
        "p95": round(ordered[int(len(ordered) * 0.95)] * 1000, 2),
        "max": round(ordered[-1] * 1000, 2),
        "n": len(ordered),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stages", description=__doc__)
    parser.add_argument("--calls", type=int, default=90, help="calls through the stages")
    parser.add_argument("--page-calls", type=int, default=9, help="calls watched on a page")
    parser.add_argument("--gap", type=float, default=0.2, help="seconds between two finals of a watched call")
    given = parser.parse_args()
    quiet_logging("ERROR")
    report = {
        "machine": {"processor": platform.processor() or platform.machine(), "python": platform.python_version()},
        "stages": asyncio.run(through_stages(given.calls)),
        "page": asyncio.run(final_to_page(given.page_calls, given.gap)),
    }
    print(json.dumps(report, ensure_ascii=False))


if __name__ == "__main__":
    main()
