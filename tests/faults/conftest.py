"""A house of real processes for the fault tests: brokers and a database of its own, since these are broken too."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import untested
from tests.faults.house import House
from tests.faults.kept import Said
from tests.faults.person import Invoked
from tests.faults.trial import Trial
from tests.kafka.broker import Broker, Cluster, lacking
from tests.postgres.server import Server, programs


class Ground:
    """What a house stands on, and what trials before this one have done to it."""

    def __init__(self, folder: Path, brokers: Broker | Cluster, database: Server, house: House) -> None:
        self.folder, self.brokers, self.database, self.house = folder, brokers, database, house
        self.history: list[Invoked] = []
        self.said: list[Said] = []
        self.poisoned: list[str] = []
        self.furnished = False

    def heal(self) -> None:
        """Everything below the house is at work again, and then the house."""
        self.pause_database(False)
        for broker in self.brokers.brokers if isinstance(self.brokers, Cluster) else [self.brokers]:
            if broker.is_alive:
                broker.resume()
            else:
                broker.start()
        self.house.heal()

    def pause_database(self, on: bool) -> None:
        """The server and all who serve its connections stand still, or go on."""
        for pid in family(self.database.pid):
            os.kill(pid, signal.SIGSTOP if on else signal.SIGCONT)

    async def trial(self, name: str) -> Trial:
        if not self.furnished:
            await self.house.furnish()
            self.furnished = True
        return Trial(self.house, name, self.history, self.said, self.poisoned)


def family(pid: int) -> list[int]:
    """A process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(int(child) for child in children)]


@contextmanager
def ground(folder: Path, brokers: int, each: int) -> Iterator[Ground]:
    """Brokers, database and a house with `each` of every kind of process, all at work; nothing is left of it."""
    if absent := lacking():
        untested(f"there is no {absent} here", "NOT TESTED: that the house keeps its promises when it is broken")
    if programs() is None:
        untested("there is no PostgreSQL here", "NOT TESTED: that the house keeps its promises when it is broken")
    kafka: Broker | Cluster = Broker(folder / "kafka") if brokers == 1 else Cluster(folder / "kafka", brokers)
    database = Server(folder / "postgres")
    try:
        kafka.start()
        database.start()
        house = House(folder / "house", kafka.servers, database.url, replication=brokers)
        try:
            house.start_all(each)
            yield Ground(folder, kafka, database, house)
        finally:
            house.stop_all()
    finally:
        kafka.stop()
        database.stop("immediate")


@pytest.fixture(scope="module")
def one_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """A house over one broker, shared by the tests of a module: each leaves it whole."""
    with ground(tmp_path_factory.mktemp("house"), brokers=1, each=1) as made:
        yield made


@pytest.fixture
async def trial(one_house: Ground, request: pytest.FixtureRequest) -> AsyncIterator[Trial]:
    """A trial over that house. On failure the processes' last words are shown."""
    yield await one_house.trial(request.node.name)
    await asyncio.to_thread(one_house.heal)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report = yield
    grounds = [v for v in getattr(item, "funcargs", {}).values() if isinstance(v, Ground | Trial)]
    if report.failed and grounds:
        report.sections.append(("what the processes said last", grounds[0].house.told()))
    return report
