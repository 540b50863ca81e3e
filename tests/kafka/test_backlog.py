"""How old what waits on a lane is, asked of a real broker, whatever its readers believe."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest

from pipeline.log.kafka import KafkaConnection, KafkaLane
from pipeline.log.kafka_backlog import KafkaBacklog
from pipeline.log.kafka_options import KafkaOptions
from pipeline.log.ports import LogUnavailable
from schemas.topics import AUDIO, CALLS
from tests.kafka.at_work import topics_of_our_own
from tests.kafka.broker import free_port

pytestmark = pytest.mark.kafka
NOW = float(round(time.time()))  # a broker refuses records from the future


@pytest.fixture
async def connection(kafka: str) -> AsyncIterator[KafkaConnection]:
    options = await topics_of_our_own(kafka)
    made = await KafkaConnection.open(options)
    yield made
    await made.close()


async def test_the_oldest_record_not_done_gives_the_age(connection: KafkaConnection) -> None:
    times = iter([NOW - 50, NOW - 40, NOW - 7])
    lane = KafkaLane(connection, 3, clock=lambda: next(times))
    large = b"x" * 200_000  # more than is asked for at once
    offsets = [await lane.append(CALLS, "call", large) for _ in range(2)] + [
        await lane.append(AUDIO, "call/caller", b"")
    ]
    backlog = KafkaBacklog(connection.options, clock=lambda: NOW)
    nothing = {(CALLS, 4): 0, (AUDIO, 4): 0}
    first = {(CALLS, 3): 0, (AUDIO, 3): 0} | nothing
    assert await backlog.ages(first) == {(CALLS, 3): 50.0, (AUDIO, 3): 7.0} | dict.fromkeys(nothing, 0.0)
    assert await backlog.ages({(CALLS, 3): offsets[0]}) == {(CALLS, 3): 40.0}
    assert await backlog.ages({(CALLS, 3): offsets[0]}) == {(CALLS, 3): 40.0}
    assert await backlog.ages({(CALLS, 3): offsets[1], (AUDIO, 3): offsets[2]}) == {(CALLS, 3): 0.0, (AUDIO, 3): 0.0}
    assert await backlog.ages({}) == {}
    backlog.close()


async def test_what_retention_took_waits_for_nobody(connection: KafkaConnection) -> None:
    times = iter([NOW - 5000, NOW - 30])
    lane = KafkaLane(connection, 0, clock=lambda: next(times))
    await lane.append(CALLS, "call", b"old")
    await lane.append(CALLS, "call", b"new")
    await lane.drop_before(CALLS, NOW - 1000)
    backlog = KafkaBacklog(connection.options, clock=lambda: NOW)
    assert await backlog.ages({(CALLS, 0): 0}) == {(CALLS, 0): 30.0}
    backlog.close()


async def test_brokers_that_are_away_are_named() -> None:
    backlog = KafkaBacklog(KafkaOptions(servers=f"127.0.0.1:{free_port()}"))
    with pytest.raises(LogUnavailable, match="Kafka at"):
        await backlog.ages({(CALLS, 0): 0})
    backlog.close()
