"""`hotline worker …`: the parts of a house on Kafka, each in processes of its own."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import typer

from pipeline.cli.output import console as screen
from pipeline.cli.output import settings

if TYPE_CHECKING:
    from pipeline.log.kafka import KafkaConnection
    from pipeline.metrics import Metrics
    from pipeline.settings import Settings
    from pipeline.store.sql_store import SqlStore

app = typer.Typer(help="Parts of a house on Kafka, each in as many processes as it takes.", no_args_is_help=True)


class _Worker(Protocol):
    async def run(self, stop: asyncio.Event) -> None: ...


@app.command()
def transcriber() -> None:
    """Hears the calls: takes its share of the lanes of topic `audio`, writes utterances into `calls`."""
    from pipeline.run.ear import ear_options, open_engine, teller
    from pipeline.run.ear_worker import EarWorker

    _run(
        lambda chosen, connection, store, metrics: EarWorker(
            connection, open_engine(chosen, metrics), ear_options(chosen), metrics, teller(store)
        )
    )


@app.command()
def stages() -> None:
    """Understands and records: takes its share of the lanes of topic `calls`, writes drafts and the store."""
    from pipeline.run.meaning import city_of
    from pipeline.run.opening import open_city
    from pipeline.run.stage_worker import StageWorker

    def part(chosen: Settings, connection: KafkaConnection, store: SqlStore, metrics: Metrics) -> StageWorker:
        pack = open_city(chosen)
        return StageWorker(connection, store, pack, metrics, city_of(chosen, pack))

    _run(part)


@app.command()
def relay() -> None:
    """Publishes decisions from the store to Kafka, hands tickets off, watches trends; some stand by for each other."""
    from pipeline.run.handoff import handoff_part
    from pipeline.run.opening import open_city
    from pipeline.run.relay_worker import RelayWorker
    from pipeline.run.trends import trend_recorder
    from routing.city.index import CityIndex

    def worker(chosen: Settings, connection: KafkaConnection, store: SqlStore, metrics: Metrics) -> RelayWorker:
        trends = trend_recorder(chosen, store, CityIndex(open_city(chosen)))
        return RelayWorker(connection, store, metrics, handoff_part(chosen, store), trends)

    _run(worker)


def console() -> None:
    """Serves the desk of a house on Kafka; any number of them over one PostgreSQL."""
    from pipeline.run.console_worker import ConsoleWorker
    from pipeline.run.opening import open_city

    _run(
        lambda chosen, connection, store, metrics: ConsoleWorker(chosen, connection, store, open_city(chosen), metrics)
    )


def _run(make: Callable[[Settings, KafkaConnection, SqlStore, Metrics], _Worker]) -> None:
    """Opens what a worker lives on and runs it until SIGTERM or SIGINT; then its work is ended in order."""
    from pipeline.log.kafka import KafkaConnection
    from pipeline.metrics import Metrics
    from pipeline.run.logging import quiet_logging
    from pipeline.run.opening import open_store
    from pipeline.run.pulse import pulse

    chosen = settings()
    options = chosen.kafka_options()
    quiet_logging(chosen.log_level)

    async def run() -> None:
        stop, ended, metrics = asyncio.Event(), asyncio.Event(), Metrics()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        connection, store = await KafkaConnection.open(options), open_store(chosen)
        stop_metrics: Any = None
        try:
            if chosen.metrics_port:
                stop_metrics = metrics.serve(chosen.metrics_host, chosen.metrics_port)
            worker = make(chosen, connection, store, metrics)
            screen.print("at work; Ctrl+C or SIGTERM stops", highlight=False)
            beating = asyncio.create_task(pulse(metrics, chosen.home, ended))
            await worker.run(stop)
            ended.set()
            await beating
        finally:
            if stop_metrics is not None:
                stop_metrics()
            await store.close()
            await connection.close()

    asyncio.run(run())
