"""Kafka: makes and verifies the topics of `schemas.topics`. Nothing creates a topic by itself."""

from __future__ import annotations

from typing import Any

import msgspec
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import KafkaError

from pipeline.log.kafka_options import KafkaOptions, reaching
from pipeline.log.ports import LogUnavailable
from schemas.topics import CHECKPOINTS, LANES, TOPICS, Topic

LARGEST = 4 * 1024 * 1024  # bytes of one record batch
HOUR_MS = 3_600_000


class Trouble(msgspec.Struct, frozen=True):
    """One thing that is not as the table says."""

    topic: str
    what: str


def settings_of(topic: Topic) -> dict[str, str]:
    """The broker's settings of a topic."""
    compacted = topic.name == CHECKPOINTS  # only a leg's newest checkpoint counts
    return {
        "cleanup.policy": "compact,delete" if compacted else "delete",
        "retention.ms": str(topic.retention_h * HOUR_MS),
        "segment.ms": str(min(HOUR_MS * 6, max(HOUR_MS // 2, topic.retention_h * HOUR_MS // 8))),
        "max.message.bytes": str(LARGEST),
        "message.timestamp.type": "CreateTime",
    }


def create_topics(options: KafkaOptions, lanes: int = LANES, changes: dict[str, str] | None = None) -> list[str]:
    """Makes the topics that are missing; returns their names. `changes`: broker settings that differ from the table's.

    Raises LogUnavailable when the brokers do not answer.
    """
    try:
        admin = KafkaAdminClient(**reaching(options))
        try:
            there = set(admin.list_topics())
            missing = {
                options.topic(topic.name): {
                    "num_partitions": lanes,
                    "replication_factor": options.replication,
                    "configs": settings_of(topic) | (changes or {}),
                }
                for topic in TOPICS.values()
                if options.topic(topic.name) not in there
            }
            if missing:
                admin.create_topics(missing, wait_for_metadata=True)
            return sorted(missing)
        finally:
            admin.close()
    except KafkaError as error:
        raise LogUnavailable(f"Kafka at {options.servers}: {type(error).__name__}: {error}") from error


def verify_topics(options: KafkaOptions, lanes: int = LANES) -> list[Trouble]:
    """What of the topics differs from the table: missing ones, partitions, copies, settings. Raises LogUnavailable."""
    try:
        admin = KafkaAdminClient(**reaching(options))
        try:
            there = set(admin.list_topics())
            names = {options.topic(topic.name): topic for topic in TOPICS.values()}
            found = [Trouble(name, "is missing: hotline topics create") for name in names if name not in there]
            present = [name for name in names if name in there]
            if present:
                found += _shapes(admin.describe_topics(present), lanes, options.replication)
                asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in present]
                told = admin.describe_configs(asked, config_filter="all")
                for name in present:
                    there_now = {key: str(config["value"]) for key, config in told["topic"].get(name, {}).items()}
                    found += _settings(name, settings_of(names[name]), there_now)
            return found
        finally:
            admin.close()
    except KafkaError as error:
        raise LogUnavailable(f"Kafka at {options.servers}: {type(error).__name__}: {error}") from error


def _shapes(described: list[dict[str, Any]], lanes: int, replication: int) -> list[Trouble]:
    found = []
    for topic in described:
        partitions = topic["partitions"]
        if len(partitions) != lanes:
            found.append(Trouble(topic["name"], f"has {len(partitions)} partitions, expected {lanes}"))
        copies = {len(partition["replica_nodes"]) for partition in partitions}
        if copies and copies != {replication}:
            found.append(Trouble(topic["name"], f"has {min(copies)} copies of a partition, expected {replication}"))
    return found


def _settings(name: str, wanted: dict[str, str], there: dict[str, str]) -> list[Trouble]:
    return [
        Trouble(name, f"{key} is {there.get(key, 'not set')}, expected {value}")
        for key, value in wanted.items()
        if there.get(key) != value
    ]
