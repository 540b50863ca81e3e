"""The log on Kafka: one lane of it, the same partition of every topic, held to the contract of every log."""

from __future__ import annotations

import asyncio
import copy
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, OffsetAndMetadata, TopicPartition
from kafka.errors import KafkaError
from kafka.partitioner import murmur2

from pipeline.log.kafka_follower import Follower
from pipeline.log.kafka_options import KafkaOptions, producing, reaching
from pipeline.log.kafka_producer import end_producer, learn_topics, new_producer
from pipeline.log.kafka_questions import Questions
from pipeline.log.kafka_walk import walk
from pipeline.log.ports import LogFull, LogUnavailable, Record
from pipeline.log.topics import known
from schemas.topics import LANES, TOPICS

T = TypeVar("T")
HEAD = "head"  # header that carries a record's head
CLOSING_S = 10.0
OVERDUE_S = 10.0  # after which an append that should have failed by itself is given up
RENEW_S = 1.0  # between two tries for another producer
END_LOOK_S = 0.5  # how often a waiting reader makes sure that nothing was overlooked


def lane_of(key: str, lanes: int = LANES) -> int:
    """The lane of a key: by its call alone, so that a call's sound, words and drafts share one."""
    return int((murmur2(key.partition("/")[0].encode()) & 0x7FFFFFFF) % lanes)


class KafkaConnection:
    """What all lanes of a process share: one producer, a follower per reader, one thread for questions."""

    def __init__(self, options: KafkaOptions) -> None:
        self.options = options
        self.in_flight = 0  # bytes of appends under way
        self._questions = Questions(options)
        self._closed = False
        self.producer: KafkaProducer
        self._renewal: asyncio.Task[None] | None = None
        self._followers: dict[str, Follower] = {}

    @classmethod
    async def open(cls, options: KafkaOptions) -> KafkaConnection:
        """Connects. Raises LogUnavailable when no broker answers or a topic is missing."""
        connection = cls(options)
        connection.producer = await connection.ask(lambda: KafkaProducer(**producing(options)))
        missing = await connection.ask(connection._unknown_topics)
        if missing:
            await connection.close()
            raise LogUnavailable(f"Kafka has no topic {missing[0]}: make them with hotline topics create")
        await connection.ask(lambda: learn_topics(connection.producer, options))
        return connection

    @property
    def is_sound(self) -> bool:
        """The producer has not failed, or another one has taken its place."""
        return self._renewal is None

    def doubt(self) -> None:
        """An append has failed. kafka-python 3.0 may send nothing more after that, so another producer takes over."""
        if self._renewal is None and not self._closed:
            self._renewal = asyncio.get_running_loop().create_task(self._renew(), name="kafka renewal")

    async def _renew(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while not self._closed:
                try:
                    fresh = await loop.run_in_executor(None, new_producer, self.options)
                except KafkaError:
                    await asyncio.sleep(RENEW_S)
                    continue
                old, self.producer = self.producer, fresh
                await loop.run_in_executor(None, end_producer, old, 0.0)  # fails what it had not sent
                return
        finally:
            self._renewal = None

    def follower(self, reader: str) -> Follower:
        """The follower of all lanes of one reader: in it a partition has one position."""
        if self._closed:
            raise LogUnavailable("the log is closed")
        if reader not in self._followers:
            self._followers[reader] = Follower(self.options)
        return self._followers[reader]

    async def ask(self, question: Callable[[], T]) -> T:
        """Runs a blocking question in its thread. Raises LogUnavailable."""
        if self._closed:
            raise LogUnavailable("the log is closed")
        return await self._questions.ask(question)

    def consumer(self, group: str | None = None) -> KafkaConsumer:
        """A consumer that is only asked, never polled by a group. For the thread of questions."""
        return self._questions.consumer(group)

    async def walk(self, place: TopicPartition, after: int, end: int, most: int = sys.maxsize) -> tuple[int, list[Any]]:
        """Records with `after` ≤ Kafka offset < `end`, the first `most` and some more; before them where to go on."""
        return await self.ask(lambda: walk(self._questions, place, after, end, most))

    async def offset_at(self, place: TopicPartition, unix_time: float) -> int:
        """The Kafka offset from which on everything was written at that time or later."""

        def look() -> int:
            consumer = self.consumer()
            first = consumer.offsets_for_times({place: int(unix_time * 1000)})[place]
            return int(first.offset if first else consumer.end_offsets([place])[place])

        return await self.ask(look)

    async def forget(self, group: str) -> None:
        """Nobody asks about this group any more."""
        await self.ask(lambda: self._questions.let_go(group))

    async def close(self) -> None:
        """Waits for what is under way, at most CLOSING_S."""
        if self._closed:
            return
        self._closed = True
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self._shut)

    def _shut(self) -> None:
        for follower in self._followers.values():
            follower.close()
        if hasattr(self, "producer"):
            end_producer(self.producer, CLOSING_S)
        self._questions.close(CLOSING_S)

    def _unknown_topics(self) -> list[str]:
        there = self.consumer().topics()
        return [name for name in map(self.options.topic, TOPICS) if name not in there]


class KafkaLane:
    """One lane as a log. Offsets are Kafka's plus one.

    Beyond the contract: an append_many that raises may have left some of its records; ids from causes make its repeat
    harmless. `read` is made for one reader per topic who goes on where he was; others have their own (`reader`).
    `read_key` and `last` look through the lane from `after`: dear on long topics, for repairs and small topics only.
    """

    def __init__(self, connection: KafkaConnection, lane: int, clock: Callable[[], float] = time.time) -> None:
        self._connection = connection
        self.number = lane
        self._clock = clock
        self._written: dict[str, int] = {}  # topic → newest offset of ours
        self._newest: dict[str, dict[str, Record]] = {}  # topic → key → newest record, for `last`
        self._looked: dict[str, int] = {}  # topic → offset up to which that holds
        self._closed = asyncio.Event()
        self._reader = ""

    def reader(self, name: str) -> KafkaLane:
        """The same lane for another reader of its topics. Closed with this one."""
        other = copy.copy(self)
        other._reader = name
        return other

    # -- writing

    async def append(self, topic: str, key: str, value: bytes, head: bytes = b"") -> int:
        return (await self.append_many(topic, [(key, value, head)]))[0]

    async def append_many(self, topic: str, records: Sequence[tuple[str, bytes, bytes]]) -> list[int]:
        place, connection = self._place(topic), self._connection
        size = sum(len(value) + len(head) for _, value, head in records)
        if connection.in_flight and connection.in_flight + size > connection.options.most_in_flight:
            raise LogFull(f"{connection.in_flight} bytes are under way to Kafka; {size} more don't fit")
        sent = [self._send(place, *record) for record in records]
        try:
            async with asyncio.timeout(connection.options.delivery_s + OVERDUE_S):
                offsets = [offset + 1 for offset in await asyncio.gather(*map(asyncio.shield, sent))]
        except TimeoutError as error:  # the producer has neither sent nor given up: it never will
            connection.doubt()
            for overdue in sent:
                overdue.cancel()
            raise LogUnavailable(f"Kafka did not answer within {connection.options.delivery_s:g} s") from error
        self._written[topic] = max([self._written.get(topic, 0), *offsets])
        return offsets

    def _send(self, place: TopicPartition, key: str, value: bytes, head: bytes) -> asyncio.Future[int]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[int] = loop.create_future()
        size = len(value) + len(head)

        def over(_: asyncio.Future[int]) -> None:
            self._connection.in_flight -= size  # only now: whoever waited may have gone, the bytes had not

        future.add_done_callback(over)

        def settle(offset: int | None, error: Exception | None) -> None:
            if error is not None:
                self._connection.doubt()
            if future.done():
                return
            if error is None and offset is not None:
                future.set_result(offset)
            else:
                future.set_exception(LogUnavailable(f"Kafka did not take it: {type(error).__name__}: {error}"))

        def from_sender(offset: int | None, error: Exception | None) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle, offset, error)

        try:
            sent = self._connection.producer.send(
                place.topic,
                key=key.encode(),
                value=value,
                headers=[(HEAD, head)] if head else [],
                partition=place.partition,
                timestamp_ms=int(self._clock() * 1000),
            )
        except KafkaError as error:
            raise LogUnavailable(f"Kafka did not take it: {type(error).__name__}: {error}") from error
        self._connection.in_flight += size
        sent.add_callback(lambda told: from_sender(told.offset, None))
        sent.add_errback(lambda error: from_sender(None, error))
        return future

    # -- reading

    async def read(self, topic: str, after: int, limit: int = 500) -> list[Record]:
        place = self._place(topic)
        first = end = -1
        while True:
            tail = self._connection.follower(self._reader).tail(place, after)
            if tail.records:
                return [record_of(topic, tail.records[n]) for n in range(min(limit, len(tail.records)))]
            if end < 0:
                first, end = await self._bounds(topic, place)
                continue
            if max(first, after, tail.next) >= end:  # nothing is there, or what was there is forgotten
                return []
            tail.more.clear()
            await self._either(tail.more.wait())

    async def wait(self, topic: str, after: int) -> None:
        place = self._place(topic)
        while True:
            tail = self._connection.follower(self._reader).tail(place, after)
            if tail.records:
                return
            tail.more.clear()
            await self._either(tail.more.wait())

    async def read_key(self, topic: str, key: str, after: int = 0, limit: int = 10_000) -> list[Record]:
        place = self._place(topic)
        _, end = await self._bounds(topic, place)
        found = await self._walk(place, after, end)
        return [record_of(topic, r) for r in found if (r.key or b"").decode() == key][:limit]

    async def since(self, topic: str, unix_time: float, key: str = "") -> list[Record]:
        """Beyond the contract: what was appended from a time on, of one key or of all."""
        place = self._place(topic)
        _, end = await self._bounds(topic, place)
        found = await self._walk(place, await self._connection.offset_at(place, unix_time), end)
        return [record_of(topic, r) for r in found if not key or (r.key or b"").decode() == key]

    async def between(self, topic: str, after: int, before: int = 0, limit: int = 500) -> list[Record]:
        """Beyond the contract: records with `after` < offset < `before` (0 = to the end), for who seldom asks."""
        place = self._place(topic)
        end = before - 1 if before else (await self._bounds(topic, place))[1]
        found = await self._walk(place, after, end, limit)
        return [record_of(topic, r) for r in found[:limit]]

    async def last(self, topic: str, key: str) -> Record | None:
        place = self._place(topic)
        newest = self._newest.setdefault(topic, {})
        after = self._looked.get(topic, 0)
        _, end = await self._bounds(topic, place)
        for found in await self._walk(place, after, end):
            record = record_of(topic, found)
            newest[record.key] = record
            self._looked[topic] = record.offset
        return newest.get(key)

    async def end(self, topic: str) -> int:
        return (await self._bounds(topic, self._place(topic)))[1]

    async def _bounds(self, topic: str, place: TopicPartition) -> tuple[int, int]:
        """Kafka offsets of the first record kept and of the next to come."""

        def look() -> tuple[int, int]:
            consumer = self._connection.consumer()
            return int(consumer.beginning_offsets([place])[place]), int(consumer.end_offsets([place])[place])

        first, end = await self._connection.ask(look)
        return first, max(end, self._written.get(topic, 0))  # an acknowledged record may not show there yet

    # -- groups and retention

    async def committed(self, group: str, topic: str) -> int:
        place = self._place(topic)
        found = await self._connection.ask(lambda: self._connection.consumer(group).committed(place))
        return int(found or 0)

    async def commit(self, group: str, topic: str, offset: int) -> None:
        done = {self._place(topic): OffsetAndMetadata(offset, "", -1)}
        await self._connection.ask(lambda: self._connection.consumer(group).commit(done))

    async def drop_before(self, topic: str, unix_time: float) -> int:
        place = self._place(topic)
        return await self._connection.ask(lambda: self._drop(place, int(unix_time * 1000)))

    def _drop(self, place: TopicPartition, before_ms: int) -> int:
        consumer = self._connection.consumer()
        first = int(consumer.beginning_offsets([place])[place])
        kept = consumer.offsets_for_times({place: before_ms})[place]
        until = int(kept.offset) if kept else int(consumer.end_offsets([place])[place])
        if until > first:
            admin = KafkaAdminClient(**reaching(self._connection.options))
            try:
                admin.delete_records({place: until})
            finally:
                admin.close()
        return max(0, until - first)

    async def close(self) -> None:
        """Ends this lane's waits; the connection is closed by whoever opened it."""
        self._closed.set()

    async def _walk(self, place: TopicPartition, after: int, end: int, most: int = sys.maxsize) -> list[Any]:
        """Records from Kafka offset `after` to `end`, or the first `most` and some more."""
        return (await self._connection.walk(place, after, end, most))[1]

    async def _either(self, more: Any) -> None:
        """Waits for records; raises LogUnavailable as soon as the lane is closed."""
        waits = [asyncio.ensure_future(more), asyncio.ensure_future(self._closed.wait())]
        try:
            await asyncio.wait(waits, timeout=END_LOOK_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if self._closed.is_set():
            raise LogUnavailable("the log is closed")

    def _place(self, topic: str) -> TopicPartition:
        known(topic)
        if self._closed.is_set():
            raise LogUnavailable("the log is closed")
        return TopicPartition(self._connection.options.topic(topic), self.number)


def record_of(topic: str, found: Any) -> Record:
    """A consumer's record as the log's."""
    return Record(
        topic=topic,
        key=(found.key or b"").decode("utf-8", "replace"),
        offset=found.offset + 1,
        value=found.value or b"",
        head=next((bytes(value) for name, value in found.headers if name == HEAD), b""),
        at=found.timestamp / 1000,
        lane=found.partition,
    )
