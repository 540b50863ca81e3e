"""Kafka: how to reach it, and the one place where the clients' settings are decided."""

from __future__ import annotations

from typing import Any

import msgspec


class KafkaOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Where the brokers are and how the house speaks to them."""

    servers: str  # host:port, comma-separated
    prefix: str = "hotline."  # of every topic and group
    replication: int = 1  # copies of each partition; 3 in production
    protocol: str = "PLAINTEXT"  # or SSL, SASL_PLAINTEXT, SASL_SSL
    mechanism: str = ""  # of SASL, e.g. SCRAM-SHA-512
    user: str = ""
    password: str = ""
    authority: str = ""  # file of the certificate authority
    delivery_s: float = 10.0  # an append not acknowledged after this is unknown: LogUnavailable
    most_in_flight: int = 32 * 1024 * 1024  # bytes of appends under way; beyond it LogFull

    @property
    def hosts(self) -> list[str]:
        """Each broker's host:port."""
        return [server.strip() for server in self.servers.split(",") if server.strip()]

    def topic(self, name: str) -> str:
        """The name on the broker."""
        return self.prefix + name

    def group(self, name: str) -> str:
        return self.prefix + name


def reaching(options: KafkaOptions) -> dict[str, Any]:
    """Settings every client shares."""
    found: dict[str, Any] = {
        "bootstrap_servers": options.hosts,
        "client_id": "hotline",
        "security_protocol": options.protocol,
        "reconnect_backoff_max_ms": 2000,
    }
    if options.mechanism:
        found |= {
            "sasl_mechanism": options.mechanism,
            "sasl_plain_username": options.user,
            "sasl_plain_password": options.password,
        }
    if options.authority:
        found["ssl_cafile"] = options.authority
    return found


def producing(options: KafkaOptions) -> dict[str, Any]:
    """Every append is on all in-sync replicas, once and in order, or its caller hears of it."""
    delivery_ms = int(options.delivery_s * 1000)
    return {
        **reaching(options),
        "acks": "all",
        "enable_idempotence": True,
        "allow_auto_create_topics": False,
        "linger_ms": 2,
        "batch_size": 256 * 1024,
        "max_request_size": 4 * 1024 * 1024,
        "request_timeout_ms": min(5000, delivery_ms - 100),
        "delivery_timeout_ms": delivery_ms,
        "max_block_ms": delivery_ms,
    }


def consuming(options: KafkaOptions, group: str | None = None) -> dict[str, Any]:
    """Positions are ours: nothing is committed that was not done, and nothing starts at the end."""
    return {
        **reaching(options),
        "group_id": group,
        "enable_auto_commit": False,
        "auto_offset_reset": "earliest",
        "allow_auto_create_topics": False,
        "isolation_level": "read_committed",
        # asked about offsets by a leader of yesterday, kafka-python asks him again and again until the metadata is old
        "metadata_max_age_ms": 5000,
        "fetch_max_wait_ms": 100,
        "fetch_max_bytes": 16 * 1024 * 1024,
        "max_partition_fetch_bytes": 4 * 1024 * 1024,
    }
