"""`python -m benchmarks.stages`: prints one JSON object."""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import tempfile
import time
from pathlib import Path
from typing import Any

from agents.build import build_stages
from agents.step import Source, step
from benchmarks.stages.material import call_events
from benchmarks.stages.page import Watched, spread, watch
from pipeline.run.embedded import Embedded
from pipeline.run.logging import quiet_logging
from pipeline.run.opening import open_city
from pipeline.run.warming import warm
from pipeline.run.wiring import build
from pipeline.settings import Settings
from schemas.calls import UtteranceHeard
from schemas.codec import encode
from schemas.topics import TOPIC_OF


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
        "understanding_ms": spread(times),
    }


async def final_to_page(calls: int, gap_s: float) -> dict[str, Any]:
    """The whole way in the embedded house."""
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        house = build(
            Settings(home=Path(folder), port=0, door_port=0, asr_enabled=False, switches="b=0123456789abcdef"), None
        )
        running = Embedded(house)
        await running.start()
        try:
            return await watch(Watched(running.url, house.store, house.log.append), calls, gap_s)
        finally:
            await running.stop()


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
