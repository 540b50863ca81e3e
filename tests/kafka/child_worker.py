"""A transcriber's process for the tests that kill one: the worker as it is, over an engine that reads from a script."""

from __future__ import annotations

import asyncio
import sys

from pipeline.asr.options import EarOptions
from pipeline.asr.readings import Window
from pipeline.asr.scripted import Line, ScriptedEngine
from pipeline.log.kafka import KafkaConnection
from pipeline.log.kafka_options import KafkaOptions
from pipeline.metrics import Metrics
from pipeline.run.ear_worker import EarWorker

LINES = [Line("", 0.3, 3.0, "我要投诉工地"), Line("", 3.2, 5.2, "半夜施工"), Line("", 5.5, 8.5, "在听松社区")]
OPTIONS = EarOptions(checkpoint_every_s=0.5)


class Telling(ScriptedEngine):
    """Says on its output what it is about to read."""

    def submit(self, window: Window, likely_final: bool = False, careful: bool = False) -> asyncio.Future:  # type: ignore[type-arg]
        print(f"reads {window.start}", flush=True)
        return super().submit(window, likely_final, careful)


async def _unheeded(state: str) -> None:
    pass


async def main(servers: str, prefix: str) -> None:
    connection = await KafkaConnection.open(KafkaOptions(servers=servers, prefix=prefix))
    worker = EarWorker(connection, Telling(LINES), OPTIONS, Metrics(), _unheeded)  # type: ignore[arg-type]
    await worker.run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
