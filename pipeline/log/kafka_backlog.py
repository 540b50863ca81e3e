"""Kafka, asked from outside: how old is the oldest record that a reader has not yet done."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from kafka import KafkaConsumer, TopicPartition

from pipeline.log.kafka_options import KafkaOptions
from pipeline.log.kafka_questions import Questions

FETCH_MS = 1000  # longest wait for the one record looked at

Place = tuple[str, int]  # topic and lane


class KafkaBacklog:
    """Promise: what it says does not hang on the reader, whose loop or thread may have stopped unnoticed.

    One question to the brokers tells the ends of all lanes; only of those that are behind is a record fetched.
    """

    def __init__(self, options: KafkaOptions, clock: Callable[[], float] = time.time) -> None:
        self._options, self._clock = options, clock
        self._questions = Questions(options, max_partition_fetch_bytes=1)  # a broker gives one batch at the least
        self._times: dict[Place, tuple[int, float]] = {}  # offset done → when the record after it was appended

    async def ages(self, done: Mapping[Place, int]) -> dict[Place, float]:
        """Place → age in seconds of the oldest record after the offset done; 0 where there is none.

        Raises LogUnavailable.
        """
        return await self._questions.ask(lambda: self._look(dict(done)))

    def _look(self, done: Mapping[Place, int]) -> dict[Place, float]:
        if not done:
            return {}
        consumer = self._questions.consumer()
        names = {place: TopicPartition(self._options.topic(place[0]), place[1]) for place in done}
        ends = consumer.end_offsets(list(names.values()))
        found: dict[Place, float] = {}
        for place, name in names.items():
            behind = int(ends[name]) > done[place]
            at = self._time(consumer, place, name, done[place]) if behind else None
            found[place] = max(0.0, self._clock() - at) if at is not None else 0.0
        return found

    def _time(self, consumer: KafkaConsumer, place: Place, name: TopicPartition, after: int) -> float | None:
        """Unix seconds of the record after an offset; None when retention has taken all there was."""
        known, at = self._times.get(place, (-1, 0.0))
        if known == after:
            return at
        consumer.assign([name])
        consumer.seek(name, max(after, int(consumer.beginning_offsets([name])[name])))
        records = consumer.poll(timeout_ms=FETCH_MS, max_records=1).get(name, [])
        if not records:
            return None
        self._times[place] = (after, records[0].timestamp / 1000)
        return self._times[place][1]

    def close(self) -> None:
        """Ends its thread when that is free; does not wait for it."""
        self._questions.close(0.0)
