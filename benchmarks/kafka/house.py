"""A broker, a database and the house's own processes, for as long as a measurement lasts."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from pipeline.log.kafka import KafkaConnection
from pipeline.log.kafka_options import KafkaOptions
from pipeline.log.kafka_topics import create_topics
from pipeline.run.opening import open_store
from pipeline.settings import Settings
from pipeline.store.sql_store import SqlStore
from tests.kafka.broker import Broker, free_port
from tests.postgres.server import Server

TICKS = os.sysconf("SC_CLK_TCK")
READY_S = 120.0
SWITCH = "bench=0123456789abcdef"


def environment() -> dict[str, str]:
    """What every process is started with."""
    return dict(os.environ) | {"HOTLINE_LOG_LEVEL": "WARNING"}


class Process:
    """One of the house's processes: `hotline …`, as a user would start it."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], output: Path) -> None:
        self.metrics_port = free_port()
        self._output = output.open("ab")
        self._process = subprocess.Popen(
            [str(Path(sys.executable).with_name("hotline")), *command],
            env=environment | {"HOTLINE_METRICS_PORT": str(self.metrics_port)},
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    def cpu_s(self) -> float:
        """Seconds of processor time spent so far, its threads' together."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def figure(self, name: str) -> float:
        """A measurement, added up over its labels; 0 while the process does not answer."""
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=2) as answer:
                lines = answer.read().decode().splitlines()
            return sum(float(line.split()[-1]) for line in lines if line.startswith((name + "{", name + " ")))
        return 0.0

    def stop(self) -> None:
        """SIGTERM; -9 when it does not go."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(40)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._output.close()


class KafkaHouse:
    """What the processes share; made anew, with topics of its own, for each measurement."""

    def __init__(self, folder: Path, servers: str, database: str, prefix: str) -> None:
        self.folder = folder
        self.options = KafkaOptions(servers=servers, prefix=prefix)
        self.settings = Settings(home=folder, database=database, kafka=servers, kafka_prefix=prefix, switches=SWITCH)
        self._environment = environment() | {
            "HOTLINE_HOME": str(folder),
            "HOTLINE_DATABASE": database,
            "HOTLINE_KAFKA": servers,
            "HOTLINE_KAFKA_PREFIX": prefix,
            "HOTLINE_SWITCHES": SWITCH,
        }
        self._started: list[Process] = []

    def start(self, *command: str, **settings: str) -> Process:
        """`hotline` with this command; `settings` by their names in lower case."""
        own = {f"HOTLINE_{name.upper()}": value for name, value in settings.items()}
        name = f"{'-'.join(command)}-{len(self._started)}"
        process = Process(command, self._environment | own, self.folder / f"{name}.log")
        self._started.append(process)
        return process

    def stop(self) -> None:
        for process in reversed(self._started):
            process.stop()
        self._started.clear()


@contextlib.asynccontextmanager
async def kafka_house(broker: Broker, database: Server, name: str) -> AsyncIterator[tuple[KafkaHouse, SqlStore]]:
    """A house without any call yet, and its store."""
    import psycopg

    with psycopg.connect(database.url.replace("+psycopg", ""), autocommit=True) as admin:
        admin.execute(f'create database "{name}"')  # type: ignore[arg-type]
    url = database.url.rpartition("/")[0] + f"/{name}"
    with tempfile.TemporaryDirectory(prefix="hotline-bench-") as folder:
        house = KafkaHouse(Path(folder), broker.servers, url, f"{name}.")
        await asyncio.to_thread(create_topics, house.options)
        store = open_store(house.settings)
        try:
            yield house, store
        finally:
            await asyncio.to_thread(house.stop)
            await store.close()


@contextlib.asynccontextmanager
async def connected(house: KafkaHouse) -> AsyncIterator[KafkaConnection]:
    connection = await KafkaConnection.open(house.options)
    try:
        yield connection
    finally:
        await connection.close()


async def until(condition: object, what: str, seconds: float = READY_S, every: float = 0.25) -> None:
    """Waits until `condition()` (maybe awaited) is true. Raises TimeoutError naming `what`."""
    end = time.monotonic() + seconds
    while True:
        found = condition()  # type: ignore[operator]
        if asyncio.iscoroutine(found):
            found = await found
        if found:
            return
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds:.0f} s for {what}")
        await asyncio.sleep(every)
