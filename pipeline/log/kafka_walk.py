"""Kafka: the records of one partition from one offset to another; a fetch that stands still is given up."""

from __future__ import annotations

import sys
import time
from typing import Any

from kafka import TopicPartition
from kafka.errors import KafkaTimeoutError

from pipeline.log.kafka_questions import Questions

POLL_MS = 500
STANDS_S = 10.0  # kafka-python may fetch nothing more of a partition, for good, once its leader has been away


def walk(
    questions: Questions, place: TopicPartition, after: int, end: int, most: int = sys.maxsize
) -> tuple[int, list[Any]]:
    """Kafka's records with `after` ≤ offset < `end`, the first `most` and some more; and the offset to go on from.

    A question. Raises KafkaTimeoutError when nothing comes for STANDS_S; whoever asks again asks another consumer.
    """
    consumer = questions.consumer()
    at = max(after, int(consumer.beginning_offsets([place])[place]))
    found: list[Any] = []
    if at >= end:
        return at, found
    consumer.assign([place])
    consumer.seek(place, at)
    moved = time.monotonic()
    while at < end and len(found) < most:
        records = consumer.poll(timeout_ms=POLL_MS, max_records=most).get(place, [])
        found += [record for record in records if record.offset < end]
        before, at = at, int(consumer.position(place))  # past what compaction has taken too
        if at > before:
            moved = time.monotonic()
            questions.going_on()
        elif time.monotonic() - moved > STANDS_S:
            questions.let_go(None)
            raise KafkaTimeoutError(f"{place.topic}/{place.partition} stands still at {at} of {end}")
    return at, found
