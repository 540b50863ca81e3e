"""`python -m benchmarks.kafka`: prints one JSON object. Needs Java and PostgreSQL, as the tests do."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.kafka.gateway import through_embedded_door, through_gateway
from benchmarks.kafka.page import final_to_page
from benchmarks.kafka.stages import through_workers
from benchmarks.stages.__main__ import final_to_page as embedded_page
from benchmarks.stages.__main__ import through_stages
from pipeline.run.logging import quiet_logging
from tests.kafka.broker import Broker
from tests.postgres.server import Server


async def measure(broker: Broker, database: Server, given: argparse.Namespace) -> dict[str, Any]:
    """Everything asked for, the embedded house beside it."""
    report: dict[str, Any] = {
        "machine": {
            "processor": platform.processor() or platform.machine(),
            "cores": os.cpu_count(),  # shared by brokers, database, workers and whoever measures
            "load_before": os.getloadavg()[0],
            "python": platform.python_version(),
        }
    }
    if "stages" in given.parts:
        report["stages"] = {
            "embedded_without_log_or_record": await through_stages(given.calls),
            "kafka": [await through_workers(broker, database, n, given.calls) for n in given.workers],
        }
    if "page" in given.parts:
        report["page"] = {
            "embedded": await embedded_page(given.page_calls, given.gap),
            "kafka": await final_to_page(broker, database, given.page_calls, given.gap),
        }
    if "gateway" in given.parts:
        report["gateway"] = {
            "embedded": await through_embedded_door(given.live, given.seconds),
            "kafka": await through_gateway(broker, database, given.live, given.seconds),
        }
    return report


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kafka", description=__doc__)
    parser.add_argument("--calls", type=int, default=180, help="calls through the stages")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4], help="processes of stages, run after run")
    parser.add_argument("--page-calls", type=int, default=9, help="calls watched on a page")
    parser.add_argument("--gap", type=float, default=0.2, help="seconds between two finals of a watched call")
    parser.add_argument("--live", type=int, default=40, help="calls at once through a gateway")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long each of them lasts")
    parser.add_argument(
        "--parts", nargs="+", choices=["stages", "page", "gateway"], default=["stages", "page", "gateway"]
    )
    given = parser.parse_args()
    quiet_logging("ERROR")
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        broker, database = Broker(Path(folder) / "kafka").start(), Server(Path(folder) / "postgres").start()
        try:
            print(json.dumps(asyncio.run(measure(broker, database, given)), ensure_ascii=False))
        finally:
            database.stop()
            broker.stop()


if __name__ == "__main__":
    main()
