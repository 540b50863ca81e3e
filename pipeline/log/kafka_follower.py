"""Kafka: one thread that follows any number of partitions and hands their records to the event loop."""

from __future__ import annotations

import asyncio
import queue
import threading
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


class Follower:
    """Keeps a tail per partition. All but the thread itself runs in the loop it was opened in.

    Who reads a tail goes on where he was; otherwise it is moved, which costs a round trip or two.
    """

    def __init__(self, options: KafkaOptions) -> None:
        self._options = options
        self._loop = asyncio.get_running_loop()
        self._orders: queue.SimpleQueue[Callable[[KafkaConsumer], None]] = queue.SimpleQueue()
        self._tails: dict[TopicPartition, Tail] = {}
        self._turns: dict[TopicPartition, int] = {}  # in the thread
        self._order: Callable[[KafkaConsumer], None] | None = None  # … under way
        self.news = asyncio.Event()  # set whenever records of any partition come
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="kafka follower", daemon=True)
        self._thread.start()

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
            self._orders.put(lambda consumer: consumer.resume(place))
        return tail

    def close(self) -> None:
        """Ends the thread; blocks until it has."""
        self._stop.set()
        self._thread.join(10)

    def _move(self, place: TopicPartition, tail: Tail, to: int) -> None:
        tail.records.clear()
        tail.next, tail.turn, tail.paused = to, tail.turn + 1, False
        turn = tail.turn

        def seek(consumer: KafkaConsumer) -> None:
            if place not in consumer.assignment():
                consumer.assign([*consumer.assignment(), place])
            consumer.resume(place)
            consumer.seek(place, max(to, int(consumer.beginning_offsets([place])[place])))  # retention may have passed
            self._turns[place] = turn

        self._orders.put(seek)

    # -- the thread

    def _run(self) -> None:
        consumer: KafkaConsumer | None = None
        while not self._stop.is_set():
            try:
                consumer = consumer or KafkaConsumer(**consuming(self._options))
                self._obey(consumer)
                if not consumer.assignment():
                    self._stop.wait(POLL_MS / 1000)
                    continue
                for place, records in consumer.poll(timeout_ms=POLL_MS, max_records=MOST_AHEAD).items():
                    self._hand_over(place, records)
            except (KafkaError, KeyError) as error:  # brokers away: the consumer finds them again by itself
                log_line.warning("kafka_follower_waits", reason=type(error).__name__)
                self._stop.wait(TRY_AGAIN_S)
        if consumer is not None:
            consumer.close(autocommit=False, timeout_ms=2000)

    def _obey(self, consumer: KafkaConsumer) -> None:
        while True:
            try:
                self._order = self._order or self._orders.get_nowait()
            except queue.Empty:
                return
            self._order(consumer)
            self._order = None  # only now: what could not be done is tried again

    def _hand_over(self, place: TopicPartition, records: list[Any]) -> None:
        turn = self._turns[place]
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
            self._orders.put(lambda consumer: consumer.pause(place))
        tail.more.set()
        self.news.set()
