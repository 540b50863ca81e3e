"""What every log promises, whichever keeps it: one suite over all implementations."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from pipeline.log.kafka import KafkaConnection, KafkaLane
from pipeline.log.kafka_options import KafkaOptions
from pipeline.log.kafka_topics import create_topics
from pipeline.log.memory import MemoryLog
from pipeline.log.ports import Log, LogUnavailable
from pipeline.log.sqlite import SqliteLog
from pipeline.log.topics import UnknownTopic

OPENERS: dict[str, Callable[[Path, Callable[[], float]], Log]] = {
    "memory": lambda folder, clock: MemoryLog(clock=clock, forget_after=10),
    "sqlite": lambda folder, clock: SqliteLog(folder, clock=clock, forget_after=10),
}


class Clock:
    """Unix time that moves when told to."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=[*OPENERS, pytest.param("kafka", marks=pytest.mark.kafka)])
async def log(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> AsyncIterator[Log]:
    if request.param in OPENERS:
        log = OPENERS[request.param](tmp_path / "log", clock)
        yield log
        await log.close()
        return
    servers = request.getfixturevalue("kafka")
    options = KafkaOptions(servers=servers, prefix=f"{uuid.uuid4().hex[:8]}.")
    await asyncio.to_thread(create_topics, options, 1, {"retention.ms": "-1"})  # these clocks stand in 1970
    connection = await KafkaConnection.open(options)
    lane = KafkaLane(connection, 0, clock)
    yield lane
    await lane.close()
    await connection.close()


async def test_a_new_topic_is_empty_and_ends_at_zero(log: Log) -> None:
    assert await log.read("calls", 0) == []
    assert await log.read_key("calls", "a") == []
    assert await log.end("calls") == 0


async def test_offsets_rise_by_one_from_one_in_each_topic(log: Log) -> None:
    assert [await log.append("calls", "a", b"%d" % n) for n in range(3)] == [1, 2, 3]
    assert await log.append("audio", "a/caller", b"x", b"head") == 1
    assert await log.append_many("calls", [("a", b"3", b""), ("b", b"4", b"")]) == [4, 5]
    assert await log.end("calls") == 5


async def test_a_record_comes_back_as_it_was_appended(log: Log, clock: Clock) -> None:
    value = bytes(range(256)) * 7
    await log.append("audio", "call-1/caller", value, b'[1,0,"L16",8000,12,null]')
    (record,) = await log.read("audio", 0)
    assert (record.topic, record.key, record.offset) == ("audio", "call-1/caller", 1)
    assert (record.value, record.head, record.at) == (value, b'[1,0,"L16",8000,12,null]', clock.now)


async def test_empty_values_and_chinese_keys_are_kept(log: Log) -> None:
    await log.append("calls", "来电", b"")
    (record,) = await log.read_key("calls", "来电")
    assert (record.key, record.value, record.head) == ("来电", b"", b"")


async def test_nothing_appended_is_no_record(log: Log) -> None:
    assert await log.append_many("calls", []) == []
    assert await log.end("calls") == 0


async def test_read_goes_on_after_any_offset_and_stops_at_the_limit(log: Log) -> None:
    await log.append_many("calls", [("k", b"%d" % n, b"") for n in range(1, 8)])
    assert [r.value for r in await log.read("calls", 2, 3)] == [b"3", b"4", b"5"]
    assert [r.value for r in await log.read("calls", 5)] == [b"6", b"7"]
    assert await log.read("calls", 7) == []
    assert await log.read("calls", 99) == []


async def test_read_key_gives_one_key_in_order(log: Log) -> None:
    for n in range(1, 31):
        await log.append("calls", f"k{n % 3}", b"%d" % n)
    assert [r.value for r in await log.read_key("calls", "k1")] == [b"%d" % n for n in range(1, 31, 3)]
    assert [r.value for r in await log.read_key("calls", "k1", after=10, limit=2)] == [b"13", b"16"]
    assert await log.read_key("calls", "k") == []


async def test_last_gives_the_newest_record_of_a_key(log: Log) -> None:
    assert await log.last("audio", "a/caller") is None
    await log.append_many("audio", [("a/caller", b"1", b""), ("a/caller", b"2", b"h"), ("b/caller", b"3", b"")])
    record = await log.last("audio", "a/caller")
    assert record is not None
    assert (record.offset, record.value, record.head) == (2, b"2", b"h")
    await log.append("partials", "k", b"p")
    assert (await log.last("partials", "k")) == (await log.read("partials", 0))[-1]


async def test_records_of_a_key_stand_in_the_order_their_appends_were_called(log: Log) -> None:
    await asyncio.gather(*(log.append("calls", f"k{n % 5}", b"%d" % n) for n in range(200)))
    for key in range(5):
        values = [int(r.value) for r in await log.read_key("calls", f"k{key}")]
        assert values == list(range(key, 200, 5))


async def test_a_reader_beside_many_writers_skips_nothing(log: Log) -> None:
    async def write(key: str) -> None:
        for n in range(25):
            await log.append("calls", key, b"%d" % n)

    writers = [asyncio.create_task(write(f"k{n}")) for n in range(8)]
    seen: list[int] = []
    while len(seen) < 200:
        await log.wait("calls", seen[-1] if seen else 0)
        seen += [r.offset for r in await log.read("calls", seen[-1] if seen else 0, 7)]
    await asyncio.gather(*writers)
    assert seen == list(range(1, 201))


async def test_what_append_returned_can_be_read_at_once(log: Log) -> None:
    for n in range(20):
        offset = await log.append("calls", "k", b"%d" % n)
        assert (await log.read("calls", offset - 1))[0].value == b"%d" % n


async def test_wait_returns_at_once_when_the_record_is_there(log: Log) -> None:
    await log.append("calls", "k", b"")
    await asyncio.wait_for(log.wait("calls", 0), 5)


async def test_wait_sleeps_until_a_record_beyond_the_offset_stands(log: Log) -> None:
    waiting = asyncio.create_task(log.wait("calls", 1))
    await log.append("calls", "k", b"")
    await log.append("audio", "k/caller", b"")
    assert not waiting.done()
    await log.append("calls", "k", b"")
    await asyncio.wait_for(waiting, 5)


async def test_every_waiter_is_woken_and_a_cancelled_one_harms_nobody(log: Log) -> None:
    waiting = [asyncio.create_task(log.wait("partials", 0)) for _ in range(5)]
    await asyncio.sleep(0)
    waiting[2].cancel()
    await log.append("partials", "k", b"")
    done = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 5)
    assert [type(result) for result in done].count(asyncio.CancelledError) == 1


async def test_a_cancelled_append_leaves_the_log_whole(log: Log) -> None:
    task = asyncio.create_task(log.append("calls", "k", b"1"))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    last = await log.append("calls", "k", b"2")
    assert [r.offset for r in await log.read("calls", 0)] == list(range(1, last + 1))


async def test_groups_remember_how_far_they_are_each_on_its_own(log: Log) -> None:
    assert await log.committed("ear", "audio") == 0
    await log.commit("ear", "audio", 7)
    await log.commit("desk", "audio", 3)
    await log.commit("ear", "calls", 1)
    assert [await log.committed(g, t) for g, t in (("ear", "audio"), ("desk", "audio"), ("ear", "calls"))] == [7, 3, 1]


@pytest.mark.parametrize("kind", OPENERS)  # Kafka's forget by age alone
async def test_topics_that_are_not_durable_forget_their_oldest_records_only(
    kind: str, tmp_path: Path, clock: Clock
) -> None:
    log = OPENERS[kind](tmp_path / "log", clock)
    for n in range(1, 26):
        await log.append("partials", f"k{n % 2}", b"%d" % n)
    assert await log.end("partials") == 25
    assert [int(r.value) for r in await log.read("partials", 0)] == list(range(16, 26))
    assert [int(r.value) for r in await log.read("partials", 20, 2)] == [21, 22]
    assert [int(r.value) for r in await log.read_key("partials", "k0")] == [16, 18, 20, 22, 24]
    await log.close()


async def test_retention_drops_what_is_older_and_never_uses_an_offset_again(log: Log, clock: Clock) -> None:
    await log.append_many("audio", [("k/caller", b"old", b"")] * 5)
    clock.now += 100
    await log.append("audio", "k/caller", b"new")
    await log.append("calls", "k", b"event")
    assert await log.drop_before("audio", clock.now - 50) == 5
    assert [(r.offset, r.value) for r in await log.read("audio", 0)] == [(6, b"new")]
    assert await log.drop_before("audio", clock.now + 1) == 1
    assert await log.end("audio") == 6
    assert await log.append("audio", "k/caller", b"newer") == 7
    assert [r.value for r in await log.read_key("audio", "k/caller")] == [b"newer"]
    assert await log.end("calls") == 1


async def test_an_unknown_topic_is_refused_by_name(log: Log) -> None:
    for attempt in (
        log.append("gossip", "k", b""),
        log.read("gossip", 0),
        log.read_key("gossip", "k"),
        log.wait("gossip", 0),
        log.end("gossip"),
        log.commit("g", "gossip", 1),
        log.committed("g", "gossip"),
        log.drop_before("gossip", 0.0),
    ):
        with pytest.raises(UnknownTopic, match="gossip"):
            await attempt


async def test_a_closed_log_says_so(log: Log) -> None:
    waiting = asyncio.create_task(log.wait("calls", 0))
    await asyncio.sleep(0)
    await log.close()
    with pytest.raises(LogUnavailable):
        await waiting
    for attempt in (
        log.append("calls", "k", b""),
        log.append("partials", "k", b""),
        log.read_key("calls", "k"),
        log.wait("calls", 0),
        log.commit("g", "calls", 1),
    ):
        with pytest.raises(LogUnavailable):
            await attempt


async def test_closing_twice_is_closing_once(log: Log) -> None:
    await log.close()
    await log.close()
