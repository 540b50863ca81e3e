"""A house on Kafka looked at from outside tells and replays a call as an embedded house does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.log import kafka_onlooker
from pipeline.log.kafka_onlooker import KafkaOnlooker
from pipeline.log.ports import Record
from schemas.codec import decode
from schemas.topics import CALLS, DRAFTS
from tests.kafka.house import STREAMS, embedded, invoked, on_kafka, settings_of

pytestmark = pytest.mark.kafka


async def test_a_call_is_told_and_replayed_as_in_an_embedded_house(kafka: str, tmp_path: Path) -> None:
    await embedded(tmp_path / "one", STREAMS)
    options = await on_kafka(kafka, tmp_path / "one")
    here, there = {"HOTLINE_HOME": str(tmp_path / "one")}, settings_of(options, tmp_path / "two")

    for stream in STREAMS[:1]:
        call = stream[0].call
        code, told = await invoked(["story", call], here)
        assert code == 0 and len(told.splitlines()) > 2 * len(stream)
        assert "caller: 5 records, 4000 samples (0.5 s)" in told
        assert await invoked(["story", call], there) == (0, told)
        assert await invoked(["replay", call], here) == await invoked(["replay", call], there)

    code, said = await invoked(["replay"], there)
    assert (code, said) == await invoked(["replay"], here)
    report = json.loads(said)
    assert (code, report["calls"], report["cut"], report["differences"]) == (0, 3, 0, [])
    assert report["compared"] > 20

    assert (await invoked(["story", "no-such-call"], there))[0] == 1


async def test_a_replay_on_kafka_says_where_the_output_differs(kafka: str, tmp_path: Path) -> None:
    await embedded(tmp_path / "one", STREAMS[:1])

    def change(record: Record) -> bytes:
        return record.value.replace(b'"revision":4', b'"revision":5') if record.topic == DRAFTS else record.value

    options = await on_kafka(kafka, tmp_path / "one", change)
    code, said = await invoked(["replay"], settings_of(options, tmp_path / "two"))
    assert code == 1
    drafts = [found for found in json.loads(said)["differences"] if found.startswith("draft.updated")]
    assert len(drafts) == 1 and drafts[0].endswith(": revision")


async def test_calls_come_a_few_at_a_time_and_whole(
    kafka: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await embedded(tmp_path / "one", STREAMS)
    monkeypatch.setattr(kafka_onlooker, "BATCH", 1)
    onlooker = KafkaOnlooker(await on_kafka(kafka, tmp_path / "one"))
    found = {calls: await log.read_key(CALLS, calls[0]) async for calls, log in onlooker.calls()}
    assert set(found) == {(stream[0].call,) for stream in STREAMS}
    for stream in STREAMS:
        assert [decode(record.value) for record in found[(stream[0].call,)]] == stream
    await onlooker.close()
