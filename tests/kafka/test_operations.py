"""Operations of a house on Kafka: the doctor finds what is wrong, and a dead letter is put back through the relay."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import json
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.stages.material import call_events
from pipeline.log.kafka import KafkaConnection, KafkaLane, lane_of
from pipeline.log.kafka_health import Cluster
from pipeline.log.kafka_options import KafkaOptions
from pipeline.log.kafka_topics import create_topics
from pipeline.metrics import Metrics
from pipeline.run.doctor_kafka import brokers_of, copies_of, workers_of
from pipeline.run.opening import open_city, open_store
from pipeline.run.relay_worker import RelayWorker
from pipeline.run.retention_table import MEASURED
from pipeline.run.stage_worker import StageWorker
from pipeline.settings import Settings
from schemas.calls import UtteranceHeard
from schemas.codec import decode, encode
from schemas.topics import CALLS, DRAFTS, LANES
from tests.kafka.broker import free_port
from tests.kafka.house import AT, STREAMS, embedded, invoked, on_kafka, settings_of
from tests.system.world import SUPERVISOR, until

pytestmark = pytest.mark.kafka

EVENTS = call_events(2)
CALL = EVENTS[0].call
SPOILT = next(n for n, e in enumerate(EVENTS) if isinstance(e.body, UtteranceHeard) and n > 5)


@pytest.fixture
async def options(kafka: str) -> KafkaOptions:
    return KafkaOptions(servers=kafka, prefix=f"{uuid.uuid4().hex[:8]}.")


async def findings(env: dict[str, str]) -> dict[str, dict[str, Any]]:
    code, said = await invoked(["doctor", "--json"], env)
    found = {finding["what"]: finding for finding in map(json.loads, said.splitlines())}
    assert all(finding.get("cure") for finding in found.values() if finding["state"] != "ok")
    assert code == int(any(finding["state"] == "error" for finding in found.values()))
    return found


@contextlib.asynccontextmanager
async def at_work(options: KafkaOptions, home: Path) -> AsyncIterator[StageWorker]:
    """Stages, record and relay over one store."""
    connection, stop, settings = await KafkaConnection.open(options), asyncio.Event(), Settings(home=home)
    store = open_store(settings)
    stages = StageWorker(connection, store, open_city(settings), Metrics())
    tasks = [asyncio.create_task(w.run(stop)) for w in (stages, RelayWorker(connection, store, Metrics()))]
    try:
        yield stages
    finally:
        stop.set()
        await asyncio.gather(*tasks)
        await store.close()
        await connection.close()


async def test_the_doctor_says_what_is_wrong_and_what_to_do(options: KafkaOptions, tmp_path: Path) -> None:
    env = settings_of(options, tmp_path)
    open_store(Settings(home=tmp_path))
    found = await findings(env)
    assert found["brokers"]["state"] == "ok" and "is missing" in found["topics"]["says"]

    await asyncio.to_thread(create_topics, options, LANES)
    connection = await KafkaConnection.open(options)
    past = KafkaLane(connection, lane_of(CALL), clock=lambda: time.time() - 300)
    for event in EVENTS:
        await past.append(CALLS, CALL, encode(event))
    found = await findings(env)
    assert found["topics"]["state"] == found["copies"]["state"] == found["stamps"]["state"] == "ok"
    assert found["workers"]["state"] == "error" and "worker relay" in found["workers"]["says"]
    assert found["pace"]["state"] == "error"
    for reader in ("stage.understanding on calls", "recorder on calls"):
        assert reader in found["pace"]["says"]
    assert "stage.suggest" not in found["pace"]["says"]

    async with at_work(options, tmp_path):

        async def well() -> bool:
            return (await findings(env))["pace"]["state"] == "ok"

        await until(well, "all read")
        busy = (await findings(env))["workers"]
        assert busy["state"] == "error" and "worker transcriber" in busy["says"] and "relay" not in busy["says"]

    ahead = KafkaLane(connection, 0, clock=lambda: time.time() + 30)
    await ahead.append(DRAFTS, "someone", b"x")
    await connection.close()
    stamps = (await findings(env))["stamps"]
    assert stamps["state"] == "warning" and "drafts" in stamps["says"]


async def test_brokers_away_and_database_away_are_named(tmp_path: Path) -> None:
    env = {
        "HOTLINE_HOME": str(tmp_path),
        "HOTLINE_KAFKA": f"127.0.0.1:{free_port()}",
        "HOTLINE_DATABASE": f"postgresql://nobody@127.0.0.1:{free_port()}/none",
    }
    found = await findings(env)
    assert found["brokers"]["state"] == found["store"]["state"] == "error"
    assert "pace" not in found, "what needs brokers is not looked at in vain"


def test_lanes_that_lack_copies_or_leaders_and_groups_without_members_are_named() -> None:
    def seen(**changes: Any) -> Cluster:
        well = {"brokers": ("a:1",), "leaderless": (), "behind": (), "held_up": (), "members": {}, "bytes": {}}
        return Cluster(**(well | changes))

    assert copies_of(seen()).state == brokers_of(seen(), 1).state == "ok"
    assert brokers_of(seen(), 3).state == "error"
    behind = copies_of(seen(behind=(("calls", 3),)))
    assert (behind.state, behind.says) == ("warning", "calls lane 3 have a copy that is not in sync")
    assert copies_of(seen(behind=(("calls", 3),), held_up=(("calls", 3),))).state == "error"
    assert "no leader" in copies_of(seen(leaderless=tuple(("audio", n) for n in range(9)))).says
    assert workers_of(seen(members={"stages": 2, "relay.lanes": 0})).says == "nobody is at work: hotline worker relay"


async def test_a_dead_letter_is_repaired_from_the_command_line(options: KafkaOptions, tmp_path: Path) -> None:
    env = settings_of(options, tmp_path)
    await asyncio.to_thread(create_topics, options, LANES)
    mine = await KafkaConnection.open(options)
    lane = KafkaLane(mine, lane_of(CALL))
    for n, event in enumerate(EVENTS):
        data = encode(event)
        await lane.append(CALLS, CALL, data.replace(b'"start_s":', b'"start":') if n == SPOILT else data)

    async def letters() -> list[dict[str, Any]]:
        return [json.loads(line) for line in (await invoked(["dead", "list", "--json"], env))[1].splitlines()]

    async with at_work(options, tmp_path) as stages:
        watching = open_store(Settings(home=tmp_path))

        async def parked() -> bool:
            view = await watching.call(SUPERVISOR, CALL)
            return view is not None and len(await letters()) == 2 and "parked" in view.degraded

        await until(parked, "the letters")
        letter = next(found for found in await letters() if found["stage"] == "understanding")
        code, told = await invoked(["dead", "show", letter["id"]], env)
        assert code == 0 and "start_s" in told and EVENTS[SPOILT].body.text not in told
        assert (await invoked(["dead", "show", letter["id"], "--content"], env))[0] == 2, (
            "without a reason nothing is shown"
        )
        edited = tmp_path / "edited"
        assert (await invoked(["dead", "show", letter["id"], "--to", str(edited), "--why", "to mend"], env))[0] == 0
        assert (await invoked(["dead", "repair", letter["id"], "--with", str(edited)], env))[0] == 1, "still broken"
        edited.write_bytes(edited.read_bytes().replace(b'"start":', b'"start_s":') + b"\n")
        assert (await invoked(["dead", "repair", letter["id"], "--with", str(edited), "--why", "typo"], env))[0] == 0

        async def mended() -> bool:
            view = await watching.call(SUPERVISOR, CALL)
            assert view is not None
            there = EVENTS[SPOILT].body.utterance in {u.id for u in view.utterances}
            return there and "parked" not in view.degraded

        await until(mended, "the utterance on the desk")
        assert await letters() == []
        code, all_of_them = await invoked(["dead", "list", "--all", "--json"], env)
        done = [json.loads(line) for line in all_of_them.splitlines()]
        assert {(found["settled"], found["by"]) for found in done} == {("repaired", getpass.getuser())}
        assert (await watching.verify_audit()).entries == 3  # read once, two letters settled
        assert stages.down == {}
        await watching.close()
    drafts = [decode(record.value) for record in await lane.read_key(DRAFTS, CALL)]
    newest = max(drafts, key=lambda event: event.body.revision).body
    assert newest.revision == len(EVENTS)
    said = {u for matter in newest.matters for u in matter.utterances}
    assert EVENTS[SPOILT].body.utterance in said
    await mine.close()


async def test_what_is_kept_on_kafka_is_shown_with_its_weight(kafka: str, tmp_path: Path) -> None:
    await embedded(tmp_path / "one", STREAMS)
    options = await on_kafka(kafka, tmp_path / "one")
    code, said = await invoked(["retention", "--json"], settings_of(options, tmp_path / "two"))
    rows = {row["what"]: row for row in map(json.loads, said.splitlines())}
    counts = {topic: row["rows"] for topic, row in rows.items() if row["where"] == "topic"}
    assert counts["audio"] == 5 * len(STREAMS) and counts["calls"] == sum(map(len, STREAMS)) == counts["drafts"]
    for topic in (CALLS, DRAFTS):
        assert rows[topic]["by"] == "the brokers (retention.ms)"
        each = rows[topic]["bytes"] / rows[topic]["rows"]
        assert MEASURED[topic][1] / 3 < each < MEASURED[topic][1] * 3, "the budget is of the right size"
    assert time.time() - AT > 2 * 86400
    assert rows["audio"]["overdue"] and code == 1, "these topics were told to keep everything"
