"""`python -m benchmarks.understanding`: prints one JSON object.

Times are CPU time of the one thread that works, so that other work on the machine does not count.
The rival reads and understands the whole call anew at each utterance, as a program without a fold would.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import gc
import json
import platform
import pstats
import time
import tracemalloc
from datetime import date
from itertools import pairwise
from typing import Any

from agents.build import build_stages
from agents.city import City
from agents.understanding import Understanding
from benchmarks.stages.page import spread
from benchmarks.understanding.material import long_call
from pipeline.run.logging import quiet_logging
from pipeline.run.meaning import shelf_of
from pipeline.run.opening import open_city
from pipeline.settings import Settings
from schemas import Event
from schemas.calls import UtteranceHeard

LENGTHS = (15, 100, 200)
DAY = date(2026, 11, 20)
EDGES = (0, 15, 50, 100, 200, 400)


def stage_of(city: City) -> Understanding:
    stage = build_stages(city.index.pack, city=city)[0]
    assert isinstance(stage, Understanding)
    return stage


async def timed(stage: Understanding, events: list[Event]) -> list[float]:
    """Seconds per utterance, in order."""
    times = []
    for event in events:
        began = time.thread_time()
        await stage(event)
        if isinstance(event.body, UtteranceHeard):
            times.append(time.thread_time() - began)
    return times


async def anew(city: City, events: list[Event], at: int) -> float:
    """Seconds the rival takes for the event at `at`: all events up to it, by a stage that knows none."""
    stage = stage_of(city)
    began = time.thread_time()
    for event in events[: at + 1]:
        await stage(event)
    return time.thread_time() - began


async def by_length(city: City, calls: int, utterances: int) -> dict[str, Any]:
    """Times of understanding by where in the call the utterance stands, and the rival's at some of them."""
    stage = stage_of(city)
    await timed(stage, long_call(0, 20))  # warms what is built lazily
    every: dict[str, list[float]] = {}
    short: list[float] = []
    gc.collect()
    for n in range(calls):
        times = await timed(stage, long_call(n + 1, utterances))
        short += times[:15]
        for low, high in pairwise(EDGES):
            if times[low:high]:
                every.setdefault(f"{low + 1}-{min(high, utterances)}", []).extend(times[low:high])
    events = long_call(1, utterances)
    rival = {}
    for at in (15, 50, 100, 200):
        if at <= utterances:
            ours = await timed(stage_of(city), events[: at + 2])
            again = await anew(city, events, at + 1)
            rival[str(at)] = {"ours_ms": round(ours[-1] * 1000, 2), "rival_ms": round(again * 1000, 2),
                              "times_slower": round(again / ours[-1], 1)}  # fmt: skip
    return {"usual_call": spread(short), "by_place": {k: spread(v) for k, v in every.items()}, "rival": rival}


async def memory(city: City, utterances: int, calls: int = 2) -> dict[str, float]:
    """KiB that one live call of so many utterances keeps, beyond the city's own knowledge."""
    stage = stage_of(city)
    await timed(stage, long_call(0, 20))
    streams = [long_call(n + 10, utterances) for n in range(calls)]
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for stream in streams:
        await timed(stage, stream)
    gc.collect()
    kept = (tracemalloc.get_traced_memory()[0] - before) / calls / 1024
    tracemalloc.stop()
    return {"utterances": utterances, "kib": round(kept, 1), "kib_per_utterance": round(kept / utterances, 2)}


def retrieval(city: City, questions: int) -> dict[str, Any]:
    """Times of one search among the city's articles."""
    asked = [question for article in city.index.pack.articles for question in article.questions][:questions]
    for question in asked[:5]:
        city.library.answers(question, question, {}, DAY)
    times = []
    for question in asked:
        began = time.thread_time()
        city.library.answers(question, question, {}, DAY)
        times.append(time.thread_time() - began)
    return spread(times)


async def where(city: City, utterances: int, most: int = 15) -> list[dict[str, Any]]:
    """The functions understanding spends its own time in."""
    stage, events = stage_of(city), long_call(3, utterances)
    await timed(stage, long_call(0, 20))
    profile = cProfile.Profile()
    profile.enable()
    await timed(stage, events)
    profile.disable()
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    total = sum(row[2] for row in stats.values())
    rows = sorted(stats.items(), key=lambda kv: -kv[1][3])
    ours = [(k, v) for k, v in rows if "/agents/" in k[0] or "/routing/" in k[0]]
    return [
        {
            "function": f"{k[0].split('/')[-2]}/{k[0].split('/')[-1]}:{k[2]}",
            "share": round(v[3] / total, 3),
            "calls": v[0],
        }
        for k, v in ours[:most]
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.understanding", description=__doc__)
    parser.add_argument("--calls", type=int, default=3, help="long calls to play")
    parser.add_argument("--utterances", type=int, default=200, help="utterances of a long call")
    parser.add_argument("--questions", type=int, default=200, help="searches among the articles")
    parser.add_argument("--where", action="store_true", help="also where the time goes")
    given = parser.parse_args()
    quiet_logging("ERROR")
    city = City(open_city(Settings()), shelf=shelf_of(Settings()))

    async def run() -> dict[str, Any]:
        report = {
            "machine": {"processor": platform.processor() or platform.machine(), "python": platform.python_version()},
            "understanding_ms": await by_length(city, given.calls, given.utterances),
            "memory": [await memory(city, n) for n in LENGTHS],
            "retrieval_ms": retrieval(city, given.questions),
        }
        if given.where:
            report["where"] = await where(city, given.utterances)
        return report

    print(json.dumps(asyncio.run(run()), ensure_ascii=False))


if __name__ == "__main__":
    main()
