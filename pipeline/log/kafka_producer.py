"""Kafka: producers are made ready before their first send, and ended whether they will or not."""

from __future__ import annotations

from kafka import KafkaProducer
from kafka.errors import KafkaError

from pipeline.log.kafka_options import KafkaOptions, producing
from schemas.topics import TOPICS

RENEW_BOOT_MS = 3000  # for it to find a broker


def new_producer(options: KafkaOptions) -> KafkaProducer:
    """One that is ready for every topic. Raises KafkaError."""
    made = KafkaProducer(**producing(options), bootstrap_timeout_ms=RENEW_BOOT_MS)
    try:
        learn_topics(made, options)
    except KafkaError:
        end_producer(made, 0.0)
        raise
    return made


def learn_topics(producer: KafkaProducer, options: KafkaOptions) -> None:
    """Else the first send to each topic would ask for its partitions and hold up the loop meanwhile."""
    for name in map(options.topic, TOPICS):
        producer.partitions_for(name)


def end_producer(producer: KafkaProducer, patience_s: float) -> None:
    """Closes it, with or against its will: what it has not sent by then fails."""
    try:
        producer.close(timeout=patience_s)
    except KafkaError:  # raised before its thread is told to stop
        producer._sender.force_close()
