"""A real Apache Kafka for the tests: KRaft, combined mode, from Maven Central's artifacts, fetched once and kept.

As a rule one broker is enough; a cluster is for the tests that take brokers away.
"""

from __future__ import annotations

import base64
import os
import shutil
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / ".cache" / "kafka" / "libs"
QUICKLY = (  # a broker lives for minutes and has little to do: few compilations, few words
    "-Xms128m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
)
READY_S = 90.0
SETTINGS = """\
process.roles=broker,controller
node.id={node}
controller.quorum.voters={voters}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs={logs}
offsets.topic.replication.factor={copies}
offsets.topic.num.partitions=1
transaction.state.log.replication.factor={copies}
transaction.state.log.min.isr={in_sync}
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor={copies}
share.coordinator.state.topic.min.isr={in_sync}
min.insync.replicas={in_sync}
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
group.initial.rebalance.delay.ms=0
log.segment.bytes=16777216
auto.create.topics.enable=false
num.network.threads=2
num.io.threads=2
"""


def lacking() -> str:
    """What is missing here to run a broker; empty when nothing is."""
    absent = [name for name in ("java", "mvn") if shutil.which(name) is None]
    if "mvn" in absent and CACHE.is_dir():
        absent.remove("mvn")
    return " and ".join(absent)


def libraries() -> Path:
    """The broker's jars; fetched from Maven Central the first time."""
    if not CACHE.is_dir():
        CACHE.parent.mkdir(parents=True, exist_ok=True)
        partial = CACHE.with_name("libs.part")
        shutil.rmtree(partial, ignore_errors=True)
        subprocess.run(
            [
                "mvn",
                "-B",
                "-q",
                "-f",
                str(HERE / "pom.xml"),
                "dependency:copy-dependencies",
                f"-DoutputDirectory={partial}",
                "-DincludeScope=runtime",
            ],
            check=True,
            timeout=300,
        )
        partial.rename(CACHE)
    return CACHE


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Seat(NamedTuple):
    """Where a broker listens: for clients, and for the other controllers."""

    port: int
    controller: int


def seats(count: int) -> list[Seat]:
    return [Seat(free_port(), free_port()) for _ in range(count)]


class Broker:
    """One broker process with its own folder; can be killed and started again over the same logs."""

    def __init__(self, folder: Path, node: int = 1, table: Sequence[Seat] = (), cluster: str = "") -> None:
        """`table`: the seats of all brokers of a cluster; this one has that of `node`. Empty = it is alone."""
        table = table or seats(1)
        self._folder = folder
        self.port = table[node - 1].port
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self._settings = folder / "server.properties"
        self._settings.write_text(
            SETTINGS.format(
                node=node,
                port=self.port,
                controller=table[node - 1].controller,
                voters=",".join(f"{n}@127.0.0.1:{seat.controller}" for n, seat in enumerate(table, start=1)),
                logs=folder / "logs",
                copies=len(table),
                in_sync=len(table) // 2 + 1,
            ),
            encoding="utf-8",
        )
        self._java("kafka.tools.StorageTool", "format", "-t", cluster or cluster_id(), "-c", str(self._settings))

    @property
    def servers(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> Broker:
        """Returns when the broker answers. Raises TimeoutError with the end of its output."""
        self.launch()
        return self.ready()

    def launch(self) -> None:
        """Starts the process; returns before it answers."""
        with (self._folder / "output").open("ab") as output:
            self._process = subprocess.Popen(
                [*self._command(), "kafka.Kafka", str(self._settings)],
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
            )

    def ready(self) -> Broker:
        """Returns when the broker answers. Raises TimeoutError with the end of its output."""
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline and self.is_alive:
            try:
                KafkaAdminClient(bootstrap_servers=self.servers, bootstrap_timeout_ms=2000).close()
                return self
            except KafkaError:
                time.sleep(0.1)
        tail = (self._folder / "output").read_text("utf-8", "replace")[-2000:]
        how = f"did not answer within {READY_S:.0f} s" if self.is_alive else "ended before it answered"
        raise TimeoutError(f"the broker {how}; it said:\n{tail}")

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self) -> None:
        """kill -9, as a power cut would."""
        self.signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(30)

    def pause(self) -> None:
        """It stands still and keeps its connections."""
        self.signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.signal(signal.SIGCONT)

    def signal(self, number: int) -> None:
        if self._process is not None:
            os.kill(self._process.pid, number)

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(30)

    def _command(self) -> list[str]:
        return ["java", *QUICKLY, "-cp", f"{libraries()}/*"]

    def _java(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self._command(), *arguments], check=True, capture_output=True, text=True, timeout=60, cwd=self._folder
        )
        return done.stdout


class Cluster:
    """Brokers that keep every record three times and take it when two have it; each can be killed or paused by itself."""

    def __init__(self, folder: Path, count: int = 3) -> None:
        table, cluster = seats(count), cluster_id()
        self.brokers = [Broker(folder / f"broker-{n}", n, table, cluster) for n in range(1, count + 1)]

    @property
    def servers(self) -> str:
        return ",".join(broker.servers for broker in self.brokers)

    def start(self) -> Cluster:
        """Returns when all answer."""
        for broker in self.brokers:
            broker.launch()
        for broker in self.brokers:
            broker.ready()
        return self

    def stop(self) -> None:
        for broker in self.brokers:
            broker.stop()


def cluster_id() -> str:
    """As StorageTool makes them, without a JVM of its own."""
    return base64.urlsafe_b64encode(b"\x01" + uuid.uuid4().bytes[1:]).decode().rstrip("=")


if __name__ == "__main__":  # set-up: fetches what a broker needs
    if absent := lacking():
        raise SystemExit(f"there is no {absent} here (apt install openjdk-17-jre-headless maven)")
    libraries()
