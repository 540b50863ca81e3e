"""A final appended to the log until the frame with its draft reaches a websocket of the page."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import websockets

from benchmarks.stages.material import call_events
from console.passwords import hash_password
from pipeline.store.sql_store import SqlStore
from schemas.calls import UtteranceHeard
from schemas.codec import encode
from schemas.topics import TOPIC_OF

LOGIN, PASSWORD = "bench", "bench-only-password"


class Watched(msgspec.Struct, frozen=True):
    """A desk to look at: its address, its store, and how something gets into the house's log."""

    url: str
    store: SqlStore
    say: Callable[[str, str, bytes], Awaitable[object]]  # topic, key, value


async def watch(desk: Watched, calls: int, gap_s: float) -> dict[str, Any]:
    """Plays calls one after the other with a pause between finals; the waits in milliseconds."""
    await desk.store.ensure_user(LOGIN, "测量", "agent", hash_password(PASSWORD), "1")
    waits: list[float] = []
    for n in range(calls):
        waits += await _one_call(desk, n, gap_s)
    return {"finals": len(waits) // 2, "text_ms": spread(waits[0::2]), "draft_ms": spread(waits[1::2])}


async def _one_call(desk: Watched, n: int, gap_s: float) -> list[float]:
    events = call_events(n, agent=LOGIN, at=datetime.now(UTC))
    say, call = desk.say, events[0].call
    waits: list[float] = []
    async with httpx.AsyncClient(base_url=desk.url, headers={"Origin": desk.url}) as http:
        await http.post("/api/login", json={"login": LOGIN, "password": PASSWORD})
        ticket = (await http.post("/api/ws-ticket", json={})).json()["ticket"]
        cookie = "; ".join(f"{name}={value}" for name, value in http.cookies.items())
    for event in events[:2]:
        await say(TOPIC_OF[event.type], call, encode(event))
    address = desk.url.replace("http", "ws") + "/api/ws"
    async with websockets.connect(address, origin=desk.url, additional_headers={"Cookie": cookie}) as socket:  # type: ignore[arg-type]
        await socket.send(json.dumps({"t": "auth", "ticket": ticket}))
        await _until(socket, lambda frame: frame["t"] == "hello")
        await _on_record(desk, call)
        await socket.send(json.dumps({"t": "resume", "stream": f"call:{call}", "epoch": "", "offset": 0}))
        await _until(socket, lambda frame: frame["t"] == "recovered")
        for event in events[2:]:
            if not isinstance(event.body, UtteranceHeard):
                continue
            wanted = event.body.utterance
            sent = time.perf_counter()
            await say(TOPIC_OF[event.type], call, encode(event))
            await _until(socket, lambda f, w=wanted: f.get("kind") == "utterance" and f["data"]["id"] == w)
            waits.append(time.perf_counter() - sent)
            await _until(socket, lambda f, w=wanted: f.get("kind") == "draft" and _covers(f["data"], w))
            waits.append(time.perf_counter() - sent)
            await asyncio.sleep(gap_s)
    return waits


async def _on_record(desk: Watched, call: str) -> None:
    """A page may follow a call once the call is on record."""
    store = desk.store
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


def spread(seconds: list[float]) -> dict[str, float]:
    """Seconds as p50, p95, p99 and the longest, in milliseconds."""
    ordered = sorted(seconds)
    return {
        "p50": round(statistics.median(ordered) * 1000, 2),
        "p95": round(ordered[int(len(ordered) * 0.95)] * 1000, 2),
        "p99": round(ordered[int(len(ordered) * 0.99)] * 1000, 2),
        "max": round(ordered[-1] * 1000, 2),
        "n": len(ordered),
    }
