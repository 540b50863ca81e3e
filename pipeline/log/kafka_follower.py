"""Kafka: one thread that follows any number of partitions and hands their records to the event loop."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import structlog
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from pipeline.log.kafka_options import KafkaOptions, consuming

POLL_MS = 50  # longest time an order waits for the thread
MOST_AHEAD = 2000  # records held for a reader who does not come; then the partition pauses
TRY_AGAIN_S = 0.2
STUCK_S = 60.0  # a call into kafka-python that takes longer does not come back
LOOK_S = 5.0
log_line = structlog.get_logger("kafka")


class Tail:
    """What was read of one partition and not yet taken. Lives in the event loop."""

    def __init__(self) -> None:
        self.records: deque[Any] = deque()  # consumer records, oldest first
        self.since = 0  # Kafka offset from which on nothing is left out
        self.next = 0  # … of the next record to come
        self.turn = 0  # which seek it follows: records of an earlier one come too late
        self.paused = False
        self.more = asyncio.Event()  # set whenever records come


Order = Callable[[KafkaConsumer], None]


class _Reading:
    """One thread's time of reading."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.orders: queue.SimpleQueue[Order] = queue.SimpleQueue()
        self.order: Order | None = None  # … under way
        self.turns: dict[TopicPartition, int] = {}  # which seek each partition follows
        self.beat = time.monotonic()  # when its last call of kafka-python came back


class Follower:
    """Keeps a tail per partition. All but the thread itself runs in the loop it was opened in.

    Who reads a tail goes on where he was; otherwise it is moved, which costs a round trip or two. A thread that stands
    still is left behind, and another goes on where each tail ends.
    """

    def __init__(self, options: KafkaOptions) -> None:
        self._options = options
        self._loop = asyncio.get_running_loop()
        self._tails: dict[TopicPartition, Tail] = {}
        self.news = asyncio.Event()  # set whenever records of any partition come
        self._reading = self._begin()
        self._watch = self._loop.call_later(LOOK_S, self._look)

    def tail(self, place: TopicPartition, after: int) -> Tail:
        """The tail of a partition standing right after Kafka offset `after` - 1; moved there if it is elsewhere."""
        known = self._tails.get(place)
        tail = known or self._tails.setdefault(place, Tail())
        if known is None or not tail.since <= after <= tail.next:
            self._move(place, tail, after)
        tail.since = after
        while tail.records and tail.records[0].offset < after:
            tail.records.popleft()
        if tail.paused and len(tail.records) < MOST_AHEAD // 2:
            tail.paused = False
            self._reading.orders.put(lambda consumer: consumer.resume(place))
        return tail

    def close(self) -> None:
        """Ends the thread; blocks until it has."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._watch.cancel)
        self._reading.stop.set()
        self._thread.join(10)

    def _begin(self) -> _Reading:
        reading = _Reading()
        self._thread = threading.Thread(target=self._run, args=(reading,), name="kafka follower", daemon=True)
        self._thread.start()
        return reading

    def _look(self) -> None:
        if self._reading.stop.is_set():
            return
        if time.monotonic() - self._reading.beat > STUCK_S:
            log_line.error("kafka_follower_stands_still", partitions=len(self._tails))
            self._reading.stop.set()
            self._reading = self._begin()
            for place, tail in self._tails.items():
                self._move(place, tail, tail.next, keep=True)
        self._watch = self._loop.call_later(LOOK_S, self._look)

    def _move(self, place: TopicPartition, tail: Tail, to: int, *, keep: bool = False) -> None:
        if not keep:
            tail.records.clear()
        tail.next, tail.turn, tail.paused = to, tail.turn + 1, False
        turn, reading = tail.turn, self._reading

        def seek(consumer: KafkaConsumer) -> None:
            if place not in consumer.assignment():
                consumer.assign([*consumer.assignment(), place])
            consumer.resume(place)
            consumer.seek(place, max(to, int(consumer.beginning_offsets([place])[place])))  # retention may have passed
            reading.turns[place] = turn

        reading.orders.put(seek)

    # -- the thread

    def _run(self, reading: _Reading) -> None:
        consumer: KafkaConsumer | None = None
        while not reading.stop.is_set():
            try:
                consumer = consumer or KafkaConsumer(**consuming(self._options))
                self._obey(reading, consumer)
                reading.beat = time.monotonic()
                if not consumer.assignment():
                    reading.stop.wait(POLL_MS / 1000)
                    continue
                for place, records in consumer.poll(timeout_ms=POLL_MS, max_records=MOST_AHEAD).items():
                    self._hand_over(place, reading.turns[place], records)
            except (KafkaError, KeyError) as error:  # brokers away: the consumer finds them again by itself
                log_line.warning("kafka_follower_waits", reason=type(error).__name__)
                reading.beat = time.monotonic()
                reading.stop.wait(TRY_AGAIN_S)
        if consumer is not None:
            consumer.close(autocommit=False, timeout_ms=2000)

    def _obey(self, reading: _Reading, consumer: KafkaConsumer) -> None:
        while True:
            try:
                reading.order = reading.order or reading.orders.get_nowait()
            except queue.Empty:
                return
            reading.order(consumer)
            reading.order = None  # only now: what could not be done is tried again

    def _hand_over(self, place: TopicPartition, turn: int, records: list[Any]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._take, place, turn, records)

    def _take(self, place: TopicPartition, turn: int, records: list[Any]) -> None:
        tail = self._tails[place]
        if turn != tail.turn:
            return
        tail.records.extend(record for record in records if record.offset >= tail.next)
        if tail.records:
            tail.next = max(tail.next, tail.records[-1].offset + 1)
        if len(tail.records) > MOST_AHEAD and not tail.paused:
            tail.paused = True
            self._reading.orders.put(lambda consumer: consumer.pause(place))
        tail.more.set()
        self.news.set()
