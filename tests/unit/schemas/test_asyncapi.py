"""The document of the log says what the tables say, and whoever reads it finds every event."""

from __future__ import annotations

import json
from typing import Any

from pipeline.log.kafka import lane_of
from pipeline.log.kafka_options import KafkaOptions
from pipeline.log.kafka_topics import settings_of
from schemas import asyncapi
from schemas.audio import Frame, frame_head
from schemas.codec import decode
from schemas.event import REGISTER
from schemas.topics import LANES, TOPICS


def test_the_committed_document_is_the_generated_one() -> None:
    assert asyncapi.TARGET.read_text(encoding="utf-8") == asyncapi.generate(), "run: python -m schemas.asyncapi"


def test_every_topic_is_a_channel_and_every_event_travels_on_one() -> None:
    made = asyncapi.document()
    assert set(made["channels"]) == set(TOPICS)
    carried = [name for channel in made["channels"].values() for name in channel["messages"]]
    assert set(carried) == {f"{kind}.v{version}" for kind, version in REGISTER} | {"frames", "checkpoint"}
    assert all(channel["messages"] for channel in made["channels"].values())


def test_every_reference_leads_somewhere() -> None:
    made = asyncapi.document()

    def references(part: Any) -> list[str]:
        if isinstance(part, dict):
            own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
            return own + [found for value in part.values() for found in references(value)]
        return [found for value in part for found in references(value)] if isinstance(part, list) else []

    for reference in references(json.loads(asyncapi.generate())):
        there: Any = made
        for step in reference.removeprefix("#/").split("/"):
            there = there[step]
        assert there


def test_sound_can_be_read_by_the_document_alone() -> None:
    message = asyncapi.document()["components"]["messages"]["frames"]
    items = message["headers"]["properties"]["head"]["prefixItems"]
    frame = Frame(
        call="c", leg="agent", seq=3, sample_pos=2400, codec="PCMU", rate=8000, data=b"x", recv_mono=5, source_ts=7
    )
    told = json.loads(frame_head(frame))
    assert {item["title"]: value for item, value in zip(items, told, strict=True)} == {
        name: getattr(frame, name) for name in ("seq", "sample_pos", "codec", "rate", "recv_mono", "source_ts")
    }


def test_every_message_shows_examples_that_decode() -> None:
    for name, message in asyncapi.document()["components"]["messages"].items():
        if name in ("frames", "checkpoint"):
            continue
        assert message["examples"], name
        for example in message["examples"]:
            assert decode(json.dumps(example["payload"]).encode()).type == name.rpartition(".v")[0]


def murmur2(data: bytes) -> int:
    """As Kafka's Java client has it, written down from its definition."""
    m, mask = 0x5BD1E995, 0xFFFFFFFF
    h = (0x9747B28C ^ len(data)) & mask
    whole = len(data) // 4 * 4
    for at in range(0, whole, 4):
        k = int.from_bytes(data[at : at + 4], "little") * m & mask
        h = (h * m & mask) ^ ((k ^ k >> 24) * m & mask)
    if rest := data[whole:]:
        h = (h ^ int.from_bytes(rest, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15


def test_topics_and_partitions_are_those_of_the_broker() -> None:
    made, options = asyncapi.document(), KafkaOptions(servers="b:9092")
    for name, topic in TOPICS.items():
        channel = made["channels"][name]
        assert channel["address"] == channel["bindings"]["kafka"]["topic"] == options.topic(name)
        told = channel["bindings"]["kafka"]["topicConfiguration"]
        assert str(told["retention.ms"]) == settings_of(topic)["retention.ms"]
        assert ",".join(told["cleanup.policy"]) == settings_of(topic)["cleanup.policy"]
    for key in ("78252695-5306-51e6-8a49-629b6f84b1bf", "call-1", "x", "来电"):
        assert lane_of(f"{key}/caller") == lane_of(key) == (murmur2(key.encode()) & 0x7FFFFFFF) % LANES


def test_a_house_of_another_prefix_gets_its_own_document() -> None:
    made = asyncapi.document("city.", ["a:9092", "b:9092"])
    assert made["channels"]["calls"]["address"] == "city.calls"
    assert [server["host"] for server in made["servers"].values()] == ["a:9092", "b:9092"]
    assert "hotline.calls" not in json.dumps(made)
