"""Whoever looks through a lane is not held up for good by a fetch that stands still."""

from __future__ import annotations

import pytest

from pipeline.log import kafka_walk
from pipeline.log.kafka import KafkaConnection, KafkaLane
from pipeline.log.ports import LogUnavailable
from schemas.topics import CALLS
from tests.kafka.at_work import topics_of_our_own

pytestmark = pytest.mark.kafka


async def test_a_fetch_that_stands_still_is_given_up_and_the_next_one_works(
    kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_walk, "STANDS_S", 0.5)
    connection = await KafkaConnection.open(await topics_of_our_own(kafka))
    try:
        lane = KafkaLane(connection, 3)
        for n in range(3):
            await lane.append(CALLS, "a", b"%d" % n)
        await connection.ask(lambda: setattr(connection.consumer(), "poll", lambda **_: {}))
        with pytest.raises(LogUnavailable, match="calls/3 stands still at 0 of 3"):
            await lane.read_key(CALLS, "a")
        assert [record.value for record in await lane.read_key(CALLS, "a")] == [b"0", b"1", b"2"]
        assert [record.offset for record in await lane.between(CALLS, 1, 3)] == [2]
    finally:
        await connection.close()
