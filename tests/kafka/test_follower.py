"""The thread that follows partitions: one that stands still is left behind, and nothing is left out or told twice."""

from __future__ import annotations

import threading

import pytest

from pipeline.log import kafka_follower
from pipeline.log.kafka import KafkaConnection, KafkaLane
from pipeline.log.ports import Record
from schemas.topics import CALLS
from tests.kafka.at_work import topics_of_our_own
from tests.system.world import until

pytestmark = pytest.mark.kafka


async def _some(lane: KafkaLane, after: int, limit: int) -> list[Record]:
    found: list[Record] = []

    async def came() -> bool:
        found.extend(await lane.read(CALLS, after, limit))
        return bool(found)

    await until(came, "records")
    return found


async def test_another_thread_goes_on_where_one_stands_still(kafka: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka_follower, "STUCK_S", 3.0)
    monkeypatch.setattr(kafka_follower, "LOOK_S", 0.05)
    connection = await KafkaConnection.open(await topics_of_our_own(kafka))
    go_on = threading.Event()
    try:
        lanes = [KafkaLane(connection, number) for number in (1, 2)]
        for n in range(5):
            await lanes[0].append(CALLS, "a", b"%d" % n)
            await lanes[1].append(CALLS, "b", b"%d" % n)
        heads = [await _some(lane, 0, 2) for lane in lanes]
        follower = connection.follower("")
        first = follower._reading
        follower._reading.orders.put(lambda _: go_on.wait(120) and None)

        async def replaced() -> bool:
            return follower._reading is not first

        await until(replaced, "another thread to follow")
        for lane, head in zip(lanes, heads, strict=True):
            await lane.append(CALLS, "a", b"5")
            found = list(head)
            while len(found) < 6:
                found += await _some(lane, found[-1].offset, 2)
            assert [record.value for record in found] == [b"%d" % n for n in range(6)]
    finally:
        go_on.set()
        await connection.close()
