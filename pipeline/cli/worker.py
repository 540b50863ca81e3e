"""`hotline worker …`: the parts of a house on Kafka, each in processes of its own."""

from __future__ import annotations

import asyncio
import signal

import typer

from pipeline.cli.output import console, settings

app = typer.Typer(help="Parts of a house on Kafka, each in as many processes as it takes.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keeps each worker a named command."""


@app.command()
def transcriber() -> None:
    """Hears the calls: takes its share of the lanes of topic `audio`, writes utterances into `calls`."""
    from pipeline.log.kafka import KafkaConnection
    from pipeline.metrics import Metrics
    from pipeline.run.ear import ear_options, open_engine, teller
    from pipeline.run.ear_worker import EarWorker
    from pipeline.run.logging import quiet_logging
    from pipeline.run.opening import open_store

    chosen = settings()
    options = chosen.kafka_options()
    quiet_logging(chosen.log_level)

    async def run() -> None:
        stop = _stop_on_signals()
        metrics = Metrics()
        store = open_store(chosen)
        connection = await KafkaConnection.open(options)
        stop_metrics = metrics.serve(chosen.metrics_host, chosen.metrics_port) if chosen.metrics_port else None
        worker = EarWorker(connection, open_engine(chosen, metrics), ear_options(chosen), metrics, teller(store))
        try:
            console.print("hearing; Ctrl+C or SIGTERM stops", highlight=False)
            await worker.run(stop)
        finally:
            await connection.close()
            await store.close()
            if stop_metrics is not None:
                stop_metrics()

    asyncio.run(run())


def _stop_on_signals() -> asyncio.Event:
    """Set at SIGTERM and SIGINT: the worker then ends its work in order."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
