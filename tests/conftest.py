"""All tests: properties are judged by their truth, never by the speed of the machine that tries them."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.kafka.broker import Broker, lacking
from tests.postgres.server import Server, programs


def pytest_addoption(parser: pytest.Parser) -> None:
    """Of tests/faults/test_chaos.py."""
    chaos = parser.getgroup("chaos", "faults at random")
    chaos.addoption("--chaos-seeds", default="", help="seeds, such as 1..20 or 3,7; empty = a few fixed ones")
    chaos.addoption("--chaos-seconds", type=float, default=25.0, help="how long things are broken")
    chaos.addoption("--chaos-calls", type=int, default=5, help="calls that ring meanwhile")
    chaos.addoption("--chaos-brokers", type=int, choices=(1, 3), default=1, help="brokers, for the seeds asked for")
    chaos.addoption("--chaos-each", type=int, default=1, help="how many processes of each kind")


settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """host:port of a real Apache Kafka: the one HOTLINE_TEST_KAFKA names, else one started here."""
    if given := os.environ.get("HOTLINE_TEST_KAFKA"):
        yield given
        return
    if absent := lacking():
        untested(f"there is no {absent} here", "NOT TESTED: that the house keeps its promises on Apache Kafka")
    broker = Broker(tmp_path_factory.mktemp("kafka")).start()
    yield broker.servers
    broker.stop()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL on a real PostgreSQL: the one HOTLINE_TEST_POSTGRES names, whose user may create databases, or one of ours."""
    if given := os.environ.get("HOTLINE_TEST_POSTGRES"):
        yield given
        return
    if programs() is None:
        untested("there is no PostgreSQL here", "NOT TESTED: that the record is kept on PostgreSQL as on SQLite")
    server = Server(tmp_path_factory.mktemp("postgres") / "cluster").start()
    yield server.url
    server.stop()


def untested(what: str, promise: str) -> None:
    """Skips loudly; in CI nothing may be skipped."""
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(f"{what}\n{promise}", pytrace=False)
    pytest.skip(f"{what}. {promise}")
