"""Kafka, examined from outside: brokers, copies that are behind, who works, what groups have done. Changes nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    GroupIdNotFoundError,
    KafkaError,
    NotCoordinatorError,
)

from pipeline.log.kafka_options import KafkaOptions, consuming, reaching
from pipeline.log.ports import LogUnavailable
from schemas.topics import LANES, TOPICS

Place = tuple[str, int]  # topic and lane
T = TypeVar("T")
_MOVING = (CoordinatorNotAvailableError, CoordinatorLoadInProgressError, NotCoordinatorError)  # over within seconds
_PATIENCE_S = 10.0


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """The brokers, and what of our topics they hold less safely than they should."""

    brokers: tuple[str, ...]  # host:port
    leaderless: tuple[Place, ...]  # nobody answers for them: neither read nor written now
    behind: tuple[Place, ...]  # a copy is not in sync
    held_up: tuple[Place, ...]  # fewer copies in sync than a write needs
    members: dict[str, int]  # group → processes in it
    bytes: dict[str, int]  # topic → bytes on the brokers' disks, all copies


def look(options: KafkaOptions, groups: Sequence[str]) -> Cluster:
    """Asks the brokers. `groups`: names without prefix. Raises LogUnavailable."""
    try:
        admin = KafkaAdminClient(**reaching(options))
        try:
            ours = {options.topic(name): name for name in TOPICS}
            present = sorted(ours.keys() & set(admin.list_topics()))
            places = [
                (ours[topic["name"]], int(p["partition_index"]), p)
                for topic in (admin.describe_topics(present) if present else [])
                for p in topic["partitions"]
            ]
            least = _least_in_sync(admin, present)
            nodes = admin.describe_cluster()["brokers"]
            return Cluster(
                brokers=tuple(sorted(f"{node['host']}:{node['port']}" for node in nodes)),
                leaderless=tuple((t, n) for t, n, p in places if p["leader_id"] < 0),
                behind=tuple((t, n) for t, n, p in places if len(p["isr_nodes"]) < len(p["replica_nodes"])),
                held_up=tuple((t, n) for t, n, p in places if len(p["isr_nodes"]) < least.get(options.topic(t), 1)),
                members={group: _members(admin, options.group(group)) for group in groups},
                bytes=_bytes(admin, ours, present),
            )
        finally:
            admin.close()
    except KafkaError as error:
        raise LogUnavailable(f"Kafka at {options.servers}: {type(error).__name__}: {error}") from error


def committed(options: KafkaOptions, group: str, topic: str, lanes: int = LANES) -> dict[Place, int]:
    """Place → offset a group has finished with; 0 where it never has. Raises LogUnavailable."""
    found = {(topic, n): 0 for n in range(lanes)}
    name = options.topic(topic)
    try:
        admin = KafkaAdminClient(**reaching(options))
        try:
            name_of_group = options.group(group)
            told = _patiently(lambda: admin.list_group_offsets({name_of_group: None})).get(name_of_group, {})
        finally:
            admin.close()
    except GroupIdNotFoundError:
        return found
    except KafkaError as error:
        raise LogUnavailable(f"Kafka at {options.servers}: {type(error).__name__}: {error}") from error
    return found | {(topic, p.partition): max(0, int(o.offset)) for p, o in told.items() if p.topic == name}


def stamped_ahead(options: KafkaOptions, seconds: float) -> tuple[str, ...]:
    """Topics with a record whose time lies further ahead of our clock than `seconds`. Raises LogUnavailable."""
    try:
        consumer = KafkaConsumer(**consuming(options))
        try:
            there = consumer.topics()
            names = [name for name in TOPICS if options.topic(name) in there]
            ask = {
                TopicPartition(options.topic(name), n): int((time.time() + seconds) * 1000)
                for name in names
                for n in sorted(consumer.partitions_for_topic(options.topic(name)) or ())
            }
            found = {place.topic for place, first in consumer.offsets_for_times(ask).items() if first} if ask else set()
            return tuple(name for name in names if options.topic(name) in found)
        finally:
            consumer.close(autocommit=False, timeout_ms=1000)
    except KafkaError as error:
        raise LogUnavailable(f"Kafka at {options.servers}: {type(error).__name__}: {error}") from error


def topics_now(options: KafkaOptions) -> dict[str, tuple[float, int]]:
    """Topic → when its oldest record was appended (unix seconds, 0 = none) and how many.

    Raises LogUnavailable.
    """
    try:
        consumer = KafkaConsumer(**consuming(options) | {"max_partition_fetch_bytes": 1})
        try:
            there = consumer.topics()
            return {name: _now(consumer, options.topic(name)) for name in TOPICS if options.topic(name) in there}
        finally:
            consumer.close(autocommit=False, timeout_ms=1000)
    except KafkaError as error:
        raise LogUnavailable(f"Kafka at {options.servers}: {type(error).__name__}: {error}") from error


def _now(consumer: KafkaConsumer, topic: str) -> tuple[float, int]:
    places = [TopicPartition(topic, n) for n in sorted(consumer.partitions_for_topic(topic) or ())]
    first, end = consumer.beginning_offsets(places), consumer.end_offsets(places)
    filled = [place for place in places if end[place] > first[place]]
    oldest = 0.0
    for place in filled:
        consumer.assign([place])
        consumer.seek(place, first[place])
        for record in consumer.poll(timeout_ms=2000, max_records=1).get(place, []):
            oldest = min(oldest or record.timestamp / 1000, record.timestamp / 1000)
    return oldest, sum(int(end[place] - first[place]) for place in places)


def _patiently(ask: Callable[[], T]) -> T:
    """Asks about a group again while whoever keeps it is being found: the first question of all makes its keeper."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return ask()
        except _MOVING:
            if time.monotonic() > until:
                raise
            time.sleep(0.3)


def _least_in_sync(admin: KafkaAdminClient, topics: Sequence[str]) -> dict[str, int]:
    if not topics:
        return {}
    asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in topics]
    told = admin.describe_configs(asked, config_filter="all")["topic"]
    return {name: int(told.get(name, {}).get("min.insync.replicas", {"value": 1})["value"]) for name in topics}


def _members(admin: KafkaAdminClient, group: str) -> int:
    try:
        told: Any = _patiently(lambda: admin.describe_groups([group]))
    except GroupIdNotFoundError:
        return 0
    found = told.get(group, {}) if isinstance(told, dict) else next(iter(told), {})
    return len(found.get("members", ()))


def _bytes(admin: KafkaAdminClient, ours: dict[str, str], topics: Sequence[str]) -> dict[str, int]:
    sizes = dict.fromkeys((ours[topic] for topic in topics), 0)
    for broker in admin.describe_log_dirs(list(topics)) if topics else ():
        for folder in broker.get("results", broker.get("log_dirs", ())):
            for topic in folder.get("topics", ()):
                name = ours.get(topic.get("name", topic.get("topic", "")))
                if name:
                    sizes[name] += sum(int(p.get("partition_size", p.get("size", 0))) for p in topic["partitions"])
    return sizes
