"""A real Apache Kafka for the tests: KRaft, combined mode, from Maven Central's artifacts, fetched once and kept."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / ".cache" / "kafka" / "libs"
READY_S = 90.0
SETTINGS = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
log.dirs={logs}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
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


class Broker:
    """One broker process with its own folder; can be killed and started again over the same logs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port, self._controller = free_port(), free_port()
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self._settings = folder / "server.properties"
        self._settings.write_text(
            SETTINGS.format(port=self.port, controller=self._controller, logs=folder / "logs"), encoding="utf-8"
        )
        cluster = self._java("kafka.tools.StorageTool", "random-uuid").strip()
        self._java("kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(self._settings))

    @property
    def servers(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> Broker:
        """Returns when the broker answers. Raises TimeoutError with the end of its output."""
        with (self._folder / "output").open("ab") as output:
            self._process = subprocess.Popen(
                [*self._command(), "kafka.Kafka", str(self._settings)],
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
            )
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                KafkaAdminClient(bootstrap_servers=self.servers, bootstrap_timeout_ms=2000).close()
                return self
            except KafkaError:
                time.sleep(0.1)
        tail = (self._folder / "output").read_text("utf-8", "replace")[-2000:]
        raise TimeoutError(f"the broker did not answer within {READY_S:.0f} s; it said:\n{tail}")

    def kill(self) -> None:
        """kill -9, as a power cut would."""
        self.signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(30)

    def signal(self, number: int) -> None:
        if self._process is not None:
            os.kill(self._process.pid, number)

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(30)

    def _command(self) -> list[str]:
        return ["java", "-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-cp", f"{libraries()}/*"]

    def _java(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self._command(), *arguments], check=True, capture_output=True, text=True, timeout=60, cwd=self._folder
        )
        return done.stdout


if __name__ == "__main__":  # set-up: fetches what a broker needs
    if absent := lacking():
        raise SystemExit(f"there is no {absent} here (apt install openjdk-17-jre-headless maven)")
    libraries()
