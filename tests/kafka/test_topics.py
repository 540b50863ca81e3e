"""Topics are made by us alone, as the table says, and what differs is named."""

from __future__ import annotations

import asyncio
import uuid

import msgspec
import pytest
from typer.testing import CliRunner

from pipeline.cli.main import app
from pipeline.log.kafka import KafkaConnection, KafkaLane, lane_of
from pipeline.log.kafka_options import KafkaOptions
from pipeline.log.kafka_topics import create_topics, verify_topics
from pipeline.log.ports import LogFull, LogUnavailable
from schemas.topics import LANES, TOPICS

pytestmark = pytest.mark.kafka


@pytest.fixture
def options(kafka: str) -> KafkaOptions:
    return KafkaOptions(servers=kafka, prefix=f"{uuid.uuid4().hex[:8]}.")


def test_what_is_missing_is_made_once_and_then_nothing_differs(options: KafkaOptions) -> None:
    assert [trouble.what for trouble in verify_topics(options, 2)] == ["is missing: hotline topics create"] * len(
        TOPICS
    )
    assert create_topics(options, 2) == sorted(options.topic(name) for name in TOPICS)
    assert create_topics(options, 2) == []
    assert verify_topics(options, 2) == []


def test_every_difference_is_named(options: KafkaOptions) -> None:
    create_topics(options, 1, {"retention.ms": "1000"})
    told = {(t.topic.removeprefix(options.prefix), t.what) for t in verify_topics(options, 3)}
    assert ("calls", "has 1 partitions, expected 3") in told
    assert ("calls", "retention.ms is 1000, expected 604800000") in told


def test_the_command_makes_verifies_and_fails_loudly(kafka: str, monkeypatch: pytest.MonkeyPatch) -> None:
    prefix = f"{uuid.uuid4().hex[:8]}."
    monkeypatch.setenv("HOTLINE_KAFKA", kafka)
    monkeypatch.setenv("HOTLINE_KAFKA_PREFIX", prefix)
    run = CliRunner().invoke
    assert run(app, ["topics", "verify"]).exit_code == 1
    made = run(app, ["topics", "create"])
    assert made.exit_code == 0 and f"made {prefix}audio" in made.output
    assert run(app, ["topics", "verify"]).exit_code == 0
    monkeypatch.setenv("HOTLINE_KAFKA_REPLICATION", "3")
    differs = run(app, ["topics", "verify"])
    assert differs.exit_code == 1 and "has 1 copies of a partition, expected 3" in differs.output.replace("\n", " ")


def test_without_a_broker_named_the_command_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOTLINE_KAFKA", raising=False)
    done = CliRunner().invoke(app, ["topics", "verify"])
    assert done.exit_code != 0 and "HOTLINE_KAFKA" in str(done.exception)


async def test_no_topic_comes_into_being_by_itself(options: KafkaOptions) -> None:
    with pytest.raises(LogUnavailable, match="hotline topics create"):
        await KafkaConnection.open(options)
    assert len(verify_topics(options, 1)) == len(TOPICS)


async def test_more_under_way_than_allowed_is_refused_and_nothing_is_lost(options: KafkaOptions) -> None:
    create_topics(options, 1)
    connection = await KafkaConnection.open(msgspec.structs.replace(options, most_in_flight=100))
    lane = KafkaLane(connection, 0)
    results = await asyncio.gather(*(lane.append("calls", "k", b"x" * 60) for _ in range(4)), return_exceptions=True)
    taken = [result for result in results if isinstance(result, int)]
    assert taken and all(isinstance(r, LogFull) for r in results if not isinstance(r, int))
    assert [record.offset for record in await lane.read("calls", 0)] == taken
    await lane.close()
    await connection.close()


def test_a_calls_sound_and_words_share_a_lane_and_calls_spread_over_all() -> None:
    assert lane_of("c1/caller") == lane_of("c1/agent") == lane_of("c1")
    assert len({lane_of(f"call-{n}") for n in range(500)}) == LANES
