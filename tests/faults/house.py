"""A house on Kafka and PostgreSQL in real processes, to be broken on purpose."""

from __future__ import annotations

import socket
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path

from console.passwords import hash_password
from pipeline.log.kafka_options import KafkaOptions
from pipeline.log.kafka_topics import create_topics
from pipeline.run.opening import open_store
from pipeline.settings import Settings
from pipeline.store.sql_store import SqlStore
from schemas.topics import LANES
from tests.contract.test_store import empty_database
from tests.faults.process import Process
from tests.kafka.broker import free_port
from tests.receiver import KEY

TOKEN = "a-token-of-the-switch"
PASSWORD = "right-horse"
PEOPLE = ("agent1", "agent2", "agent3", "agent4")
KINDS = ("receiver", "console", "relay", "stages", "transcriber", "gateway")  # who reads is there before who writes
HOTLINE = str(Path(sys.executable).with_name("hotline"))
COMMANDS: dict[str, Sequence[str]] = {
    "gateway": (HOTLINE, "gateway"),
    "transcriber": (sys.executable, "-m", "tests.kafka.child_ear"),
    "stages": (HOTLINE, "worker", "stages"),
    "relay": (HOTLINE, "worker", "relay"),
    "console": (HOTLINE, "console"),
    "receiver": (sys.executable, "-m", "tests.faults.child_receiver"),
}


class House:
    """Processes by name ("stages-1"); each can be killed, paused, stopped and started by itself."""

    def __init__(self, folder: Path, servers: str, database: str, *, replication: int = 1) -> None:
        """`database`: URL on a server whose user may create databases. Makes topics, database and accounts."""
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.options = KafkaOptions(servers=servers, prefix=f"{uuid.uuid4().hex[:8]}.", replication=replication)
        self.database = empty_database(database)
        self.processes: dict[str, Process] = {}
        self.accepted = folder / "accepted"  # what the city's ticket system took, a line each
        self._ports: dict[str, int] = {}
        self._receiver = free_port()
        create_topics(self.options, LANES)

    async def furnish(self) -> None:
        """Accounts for the people."""
        store = self.store()
        for n, login in enumerate(PEOPLE):
            await store.ensure_user(login, f"坐席{n}", "agent", hash_password(PASSWORD), f"80{n}")
        await store.close()

    def store(self) -> SqlStore:
        """The record, for whoever examines it."""
        return open_store(Settings(home=self.folder / "examiner", database=self.database))

    def __getitem__(self, name: str) -> Process:
        """The process of that name, started or not."""
        if name not in self.processes:
            kind = name.partition("-")[0]
            self._ports[name] = self._receiver if kind == "receiver" else free_port()
            self.processes[name] = Process(name, COMMANDS[kind], self._environment(name), self.folder)
        return self.processes[name]

    def _environment(self, name: str) -> dict[str, str]:
        port = str(self._ports[name])
        return {
            "HOTLINE_HOME": str(self.folder / name),
            "HOTLINE_KAFKA": self.options.servers,
            "HOTLINE_KAFKA_PREFIX": self.options.prefix,
            "HOTLINE_KAFKA_REPLICATION": str(self.options.replication),
            "HOTLINE_DATABASE": self.database,
            "HOTLINE_SWITCHES": f"fs1={TOKEN}",
            "HOTLINE_DOOR_PORT": port,
            "HOTLINE_DOOR_MAX_AHEAD_S": "0",
            "HOTLINE_PORT": port,
            "HOTLINE_HANDOFF_URL": f"http://127.0.0.1:{self._receiver}/tickets",
            "HOTLINE_HANDOFF_KEY": KEY.decode(),
            "RECEIVER_PORT": port,
            "RECEIVER_FILE": str(self.accepted),
            "OMP_NUM_THREADS": "1",
        }

    def start(self, *names: str, **env: str) -> None:
        """Starts those that do not live, and returns when all are ready."""
        for name in names:
            if not self[name].is_alive:
                self[name].start(**env)
        for name in names:
            self[name].await_until(self._is_ready)

    def start_all(self, each: int = 1) -> None:
        """`each` of every kind."""
        self.start(*(f"{kind}-{n}" for kind in KINDS for n in range(1, (1 if kind == "receiver" else each) + 1)))

    def stop_all(self) -> None:
        for process in self.processes.values():
            process.kill()

    def dismiss(self, *names: str) -> None:
        """Ends processes for good, in good order; their work is others' then."""
        for name in names:
            process = self.processes.pop(name)
            if process.is_paused:
                process.resume()
            if process.is_alive:
                process.stop()

    def heal(self) -> None:
        """Whoever stands still goes on; whoever is dead lives again."""
        for process in self.processes.values():
            if process.is_paused:
                process.resume()
        self.start(*sorted(self.processes, key=lambda name: KINDS.index(name.partition("-")[0])))

    def urls(self, kind: str) -> list[str]:
        """Addresses of all consoles or gateways, dead or alive."""
        scheme = "ws" if kind == "gateway" else "http"
        return [f"{scheme}://127.0.0.1:{self._ports[name]}" for name in self._named(kind)]

    def living(self, kind: str) -> list[Process]:
        return [self.processes[name] for name in self._named(kind) if self.processes[name].is_alive]

    def _named(self, kind: str) -> list[str]:
        return [name for name in self.processes if name.partition("-")[0] == kind]

    def _is_ready(self, process: Process) -> bool:
        kind = process.name.partition("-")[0]
        if kind in ("gateway", "console", "receiver"):
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", self._ports[process.name])) == 0
        return "at work" in process.said(100_000)

    def told(self) -> str:
        """What every process said last, for a test that failed."""
        return "\n".join(
            f"---- {p.name}, life {p.lives}, code {p.ended_by}\n{p.said()}" for p in self.processes.values()
        )
