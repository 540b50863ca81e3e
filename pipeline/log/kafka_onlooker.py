"""Looks at the lanes of a house on Kafka from outside: for telling, replaying and examining. Writes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from pipeline.log.kafka import lane_of, record_of
from pipeline.log.kafka_options import KafkaOptions, consuming
from pipeline.log.ports import LogReads, LogUnavailable, Record
from pipeline.log.recordings import Excerpt
from schemas.topics import ALERTS, AUDIO, CALLS, DEAD, LANES, TOPICS

T = TypeVar("T")
BEFORE_S = 600.0  # clocks of those who wrote a call's records differ by less
AFTER_S = 3600.0  # what follows from an event follows sooner
BATCH = 100  # calls held at once
SPARSE = (ALERTS, DEAD)  # little travels there: read whole, since what concerns a call may come days later
EVENTS = tuple(t.name for t in TOPICS.values() if t.durable and t.payload == "event")
IDLE_S = 10.0  # brokers silent for so long in mid-read are away


class KafkaOnlooker:
    """Keeps `Recordings` over all lanes. In memory: one call, or BATCH calls, and a page of records.

    A call is found by looking through its lane of `calls` once; of other topics only the hours are read in which the
    call was under way. `calls` leaves out what was added to a call more than AFTER_S after the last of its batch began.
    """

    def __init__(self, options: KafkaOptions, lanes: int = LANES) -> None:
        self._options, self._lanes = options, lanes
        self._thread = ThreadPoolExecutor(1, "kafka onlooker")
        self._held: KafkaConsumer | None = None

    async def call(self, call: str) -> LogReads:
        """Keeps `Recordings.call`."""
        excerpt, lane, times = Excerpt(), lane_of(call, self._lanes), [float("inf"), 0.0]
        async for record in self._records(CALLS, lane):
            if record.key == call:
                excerpt.add(record)
                times = [min(times[0], record.at), max(times[1], record.at)]
        for topic in (*EVENTS, AUDIO):
            if topic != CALLS and (times[1] or topic in SPARSE):
                await self._fill(excerpt, topic, lane, {call}, times)
        return excerpt

    async def calls(self) -> AsyncIterator[tuple[Sequence[str], LogReads]]:
        """Keeps `Recordings.calls`: lane by lane."""
        for lane in range(self._lanes):
            seen: set[str] = set()
            batch: dict[str, float] = {}
            async for record in self._records(CALLS, lane):
                if record.key in seen:
                    continue
                seen.add(record.key)
                batch[record.key] = record.at
                if len(batch) == BATCH:
                    yield tuple(batch), await self._several(lane, batch)
                    batch = {}
            if batch:
                yield tuple(batch), await self._several(lane, batch)

    async def all_of(self, topic: str) -> AsyncIterator[Record]:
        """Keeps `Recordings.all_of`."""
        for lane in range(self._lanes):
            async for record in self._records(topic, lane):
                yield record

    async def close(self) -> None:
        """Keeps `Recordings.close`."""

        def shut() -> None:
            if self._held is not None:
                self._held.close(autocommit=False, timeout_ms=2000)

        await self._ask(shut)
        self._thread.shutdown(wait=False)

    # -- reading

    async def _several(self, lane: int, batch: dict[str, float]) -> Excerpt:
        excerpt, times = Excerpt(), (min(batch.values()), max(batch.values()))
        for topic in EVENTS:
            await self._fill(excerpt, topic, lane, batch.keys(), times)
        return excerpt

    async def _fill(
        self, excerpt: Excerpt, topic: str, lane: int, calls: Iterable[str], times: Sequence[float]
    ) -> None:
        wanted = set(calls)
        since, until = (0.0, float("inf")) if topic in SPARSE else (times[0] - BEFORE_S, times[1] + AFTER_S)
        async for record in self._records(topic, lane, since, until):
            if record.key.partition("/")[0] in wanted:
                excerpt.add(record)

    async def _records(
        self, topic: str, lane: int, since: float = 0.0, until: float = float("inf")
    ) -> AsyncIterator[Record]:
        """Records of a lane's topic appended between two times (unix seconds), a page at a time in memory."""
        place = TopicPartition(self._options.topic(topic), lane)
        at, end = await self._ask(lambda: self._bounds(place, since, until))
        if at < end:
            await self._ask(lambda: self._go(place, at))
        while at < end:
            start = at
            page = await self._ask(lambda start=start: self._page(place, start))  # type: ignore[misc]
            for found in page:
                if found.offset < end:
                    yield record_of(topic, found)
            at = page[-1].offset + 1

    def _bounds(self, place: TopicPartition, since: float, until: float) -> tuple[int, int]:
        consumer = self._consumer()
        first, end = int(consumer.beginning_offsets([place])[place]), int(consumer.end_offsets([place])[place])
        if since > 0:
            begun = consumer.offsets_for_times({place: int(since * 1000)})[place]
            first = max(first, int(begun.offset)) if begun else end
        if until < float("inf"):
            over = consumer.offsets_for_times({place: int(until * 1000)})[place]
            end = min(end, int(over.offset)) if over else end
        return first, end

    def _go(self, place: TopicPartition, at: int) -> None:
        consumer = self._consumer()
        consumer.assign([place])
        consumer.seek(place, at)

    def _page(self, place: TopicPartition, at: int) -> list[Any]:
        """The records from offset `at` on, at least one. Another reader of this consumer may have moved it."""
        consumer = self._consumer()
        if set(consumer.assignment()) != {place} or consumer.position(place) != at:
            self._go(place, at)
        for _ in range(int(IDLE_S)):
            if found := consumer.poll(timeout_ms=1000, max_records=2000).get(place):
                return list(found)
        raise KafkaError(f"{place.topic} of lane {place.partition} did not go on for {IDLE_S:.0f} s")

    def _consumer(self) -> KafkaConsumer:
        if self._held is None:
            self._held = KafkaConsumer(**consuming(self._options))
        return self._held

    async def _ask(self, question: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, question)
        except KafkaError as error:
            raise LogUnavailable(f"Kafka at {self._options.servers}: {type(error).__name__}: {error}") from error
