"""The house of docker-compose.yml without docker: its commands and settings as processes of this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.settings import PREFIX
from tests.deploy.compose import FILLED, ROOT, Service, seconds, services
from tests.kafka.broker import free_port

HOTLINE = str(Path(sys.executable).with_name("hotline"))
MODELS = ROOT / ".cache" / "models"
READY_S = 240.0  # bound of a wait by condition: the machine may have other things to do
LOOK_S = 1.0
TOKEN = FILLED["HOTLINE_SWITCHES"].partition("=")[2]
PORTS = ("HOTLINE_PORT", "HOTLINE_DOOR_PORT", "HOTLINE_METRICS_PORT")
MAPPED = (*PORTS, "HOTLINE_KAFKA", "HOTLINE_DATABASE", "HOTLINE_HOME", "HOTLINE_MODELS")


class NativeHouse:
    """What the file says, but for where things are: broker, database, folders, and ports of 127.0.0.1.

    Each service runs once, whatever its replicas.
    """

    def __init__(self, kafka: str, database: str, folder: Path, profiles: tuple[str, ...] = ("one", "cpu")) -> None:
        self._kafka, self._database, self._folder = kafka, database, folder
        self._prefix = f"{uuid.uuid4().hex[:8]}."  # the broker is shared with other tests
        found = services(FILLED, profiles)
        self.services = {name: service for name, service in found.items() if service.is_hotline}
        self._environments = {name: self._environment(service) for name, service in self.services.items()}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def _environment(self, service: Service) -> dict[str, str]:
        here = {
            "HOTLINE_KAFKA": self._kafka,
            "HOTLINE_DATABASE": self._database,
            "HOTLINE_HOME": str(self._folder / service.name),
            "HOTLINE_MODELS": str(MODELS),
            **{name: str(free_port()) for name in PORTS},
        }
        said = {name: value.replace("0.0.0.0", "127.0.0.1") for name, value in service.environment.items()}
        mapped = said | {name: here[name] for name in MAPPED if name in said}
        beside = {f"{PREFIX}KAFKA_PREFIX": self._prefix}
        if f"{PREFIX}DOOR_PORT" in said:
            beside[f"{PREFIX}DOOR_MAX_AHEAD_S"] = "0"  # calls are played faster than people speak
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        return inherited | mapped | beside

    def setting(self, service: str, name: str) -> str:
        return self._environments[service][PREFIX + name]

    @property
    def staying(self) -> list[str]:
        """Services that run on; who reads is there before who writes."""
        return sorted((n for n, s in self.services.items() if s.stays), key=lambda n: (n == "gateway", n))

    def job(self, name: str) -> str:
        """Runs a one-shot service to its end; returns what it said."""
        return self.call(self.services[name].command, name)

    def call(self, command: list[str], service: str) -> str:
        """Runs a command of ours as one of a service; returns its output stream."""
        done = subprocess.run(
            [HOTLINE, *command[1:]],
            env=self._environments[service],
            cwd=self._folder,
            capture_output=True,
            text=True,
            timeout=READY_S,
        )
        assert done.returncode == 0, f"{' '.join(command)}: {done.returncode}\n{done.stderr[-2000:]}"
        return done.stdout

    def start(self, name: str) -> None:
        with self.output(name).open("wb") as output:
            self._running[name] = subprocess.Popen(
                [HOTLINE, *self.services[name].command[1:]],
                env=self._environments[name],
                cwd=self._folder,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
            )

    def output(self, name: str) -> Path:
        return self._folder / f"{name}.out"

    def wait_well(self, name: str) -> None:
        """Returns when the service's own health check says that it is well. Raises AssertionError with its output."""
        deadline = time.monotonic() + READY_S
        said = ""
        while time.monotonic() < deadline and self._running[name].poll() is None:
            done = self.check(name)
            if done.returncode == 0:
                return
            said = done.stderr
            time.sleep(LOOK_S)
        tail = self.output(name).read_text("utf-8", "replace")[-3000:]
        raise AssertionError(f"{name} did not become well: {said}\nit said:\n{tail}")

    def check(self, name: str, *more: str) -> subprocess.CompletedProcess[str]:
        """One health check, as docker would run it; `more` are options of it."""
        check = self.services[name].check
        return subprocess.run(
            [HOTLINE, *check[1:], *more], env=self._environments[name], capture_output=True, text=True, timeout=60
        )

    def stop(self) -> dict[str, int]:
        """SIGTERM to all at once, as `docker compose stop` does; exit codes. One over its time is killed: −9."""
        for process in self._running.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        codes: dict[str, int] = {}
        began = time.monotonic()
        for name, process in self._running.items():
            left = began + seconds(self.services[name].raw["stop_grace_period"]) - time.monotonic()
            try:
                codes[name] = process.wait(max(0.1, left))
            except subprocess.TimeoutExpired:
                process.kill()
                codes[name] = process.wait(30)
        self._running.clear()
        return codes


@contextmanager
def native_house(kafka: str, database: str, folder: Path, *without: str) -> Iterator[NativeHouse]:
    """The house, prepared, started and well; `without` are services left out."""
    house = NativeHouse(kafka, database, folder)
    try:
        house.job("topics")
        house.job("migrate")
        for name in house.staying:
            if name not in without:
                house.start(name)
        for name in house.staying:
            if name not in without:
                house.wait_well(name)
        yield house
    finally:
        house.stop()
