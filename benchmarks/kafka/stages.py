"""Utterances per second and per core of the stages' processes, one of them, two and four, over one real broker."""

from __future__ import annotations

import time
from typing import Any

from benchmarks.kafka.house import connected, kafka_house, until
from benchmarks.stages.material import call_events
from pipeline.log.kafka import KafkaConnection, KafkaLane, lane_of
from pipeline.record.recorder import GROUP as RECORDER
from pipeline.store.recording import noted
from pipeline.store.sql_store import SqlStore
from schemas import Event
from schemas.calls import UtteranceHeard
from schemas.codec import encode
from schemas.topics import CALLS, DRAFTS, LANES, SUGGESTIONS
from tests.kafka.broker import Broker
from tests.postgres.server import Server

PLACES = 2 * LANES  # partitions of `calls` and `drafts`


async def through_workers(broker: Broker, database: Server, workers: int, calls: int) -> dict[str, Any]:
    """From the first record in `calls` until the last draft and offer are on record in PostgreSQL.

    All calls lie ready at once: that is the most a house can do. A worker's processor time is counted from when all
    partitions are held, so that starting up is left out.
    """
    async with kafka_house(broker, database, f"bench{workers}w{time.time_ns() % 10**6}") as (house, store):
        processes = [house.start("worker", "stages") for _ in range(workers)]
        await until(lambda: sum(p.figure("hotline_lanes_held") for p in processes) >= PLACES, "all partitions held")
        async with connected(house) as connection:
            streams = [call_events(n) for n in range(calls)]
            before = [process.cpu_s() for process in processes]
            began = time.perf_counter()
            await _say(connection, streams)
            said = time.perf_counter() - began
            lanes = [KafkaLane(connection, n) for n in range(LANES)]
            await until(lambda: _all_done(lanes, store, calls), "every call on record", 600, 0.5)
            seconds = time.perf_counter() - began
            spent = [process.cpu_s() - b for process, b in zip(processes, before, strict=True)]
    utterances = sum(isinstance(event.body, UtteranceHeard) for stream in streams for event in stream)
    return {
        "workers": workers,
        "utterances": utterances,
        "utterances_per_second": round(utterances / seconds, 1),
        "utterances_per_core_second": round(utterances / sum(spent), 1),
        "cpu_ms_per_utterance": round(sum(spent) / utterances * 1000, 3),
        "cpu_s_by_worker": [round(s, 1) for s in spent],
        "seconds": round(seconds, 1),
        "appending_s": round(said, 1),
    }


async def _say(connection: KafkaConnection, streams: list[list[Event]]) -> None:
    """As gateways and transcribers would, call by call, as fast as the broker takes it."""
    lanes = [KafkaLane(connection, n) for n in range(LANES)]
    for stream in streams:
        call = stream[0].call
        await lanes[lane_of(call)].append_many(CALLS, [(call, encode(event), b"") for event in stream])


async def _all_done(lanes: list[KafkaLane], store: SqlStore, calls: int) -> bool:
    """Whether the record is at the end of every lane, and the lanes at the end of what there is to say."""
    for lane in lanes:
        reached = await store.read(lambda connection, n=lane.number: noted(connection, f"{RECORDER}/{n}"))
        for topic, group in ((CALLS, "stage.understanding"), (DRAFTS, "stage.suggest"), (SUGGESTIONS, "")):
            end = await lane.end(topic)
            if reached.get(topic, 0) < end or (group and await lane.committed(group, topic) < end):
                return False
    return True
