"""`hotline gateway`: the ingest door of a house on Kafka, in as many processes as it takes."""

from __future__ import annotations

import asyncio
import signal
from typing import Any

import typer

from pipeline.cli.output import console as screen
from pipeline.cli.output import settings


def add_to(app: typer.Typer) -> None:
    """Adds the command."""
    app.command()(gateway)


def gateway() -> None:
    """Takes the calls of the switches and writes them to Kafka; keeps them in a spool while no broker answers."""
    from pipeline.metrics import Metrics
    from pipeline.run.gateway import Gateway
    from pipeline.run.gateway_levels import GatewayLevels
    from pipeline.run.logging import quiet_logging
    from pipeline.run.opening import open_city
    from pipeline.run.pulse import pulse

    chosen = settings()
    options = chosen.kafka_options()
    quiet_logging(chosen.log_level)
    tenant = open_city(chosen).manifest.name

    async def run() -> None:
        stop, ended, metrics = asyncio.Event(), asyncio.Event(), Metrics()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        stop_metrics: Any = None
        try:
            if chosen.metrics_port:
                stop_metrics = metrics.serve(chosen.metrics_host, chosen.metrics_port)
            gateway = Gateway(chosen, options, metrics, tenant=tenant)
            levels = GatewayLevels(metrics, lambda: gateway.door.stats().live, lambda: gateway.outlet.pending)
            beating = asyncio.create_task(pulse(metrics, chosen.home, ended, levels.look))
            await gateway.run(stop, _Opened(chosen.door_host))
            ended.set()
            await beating
        finally:
            if stop_metrics is not None:
                stop_metrics()

    asyncio.run(run())


class _Opened:
    """Says where the door is."""

    def __init__(self, host: str) -> None:
        self._host = host

    def __call__(self, port: int) -> None:
        screen.print(f"open at ws://{self._host}:{port}/; Ctrl+C or SIGTERM stops", highlight=False)
