"""The codec: every event goes there and back, old bytes stay readable, and bad bytes are named for what they are."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import schemas
from schemas import Event
from schemas.calls import CallStarted, UtteranceHeard
from schemas.codec import MAX_BYTES, BadEvent, decode, encode
from schemas.event import REGISTER
from schemas.topics import TOPIC_OF, TOPICS

EXAMPLES = sorted((Path(schemas.__file__).parent / "examples").glob("*/v*/*.json"))


def heard(text: str) -> Event:
    body = UtteranceHeard(utterance="u", leg="caller", start_s=0, end_s=1, first_sample=0, last_sample=8000, text=text)
    return Event(id="e", tenant="yunlan", call="c", cause=None, at=datetime(2026, 1, 1, tzinfo=UTC), body=body)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: f"{p.parts[-3]}-{p.parts[-2]}-{p.stem}")
def test_every_example_ever_written_is_still_readable(path: Path) -> None:
    event = decode(path.read_bytes())
    assert event.type == path.parts[-3]
    assert decode(encode(event)) == event


def test_every_registered_event_has_an_example_and_a_topic() -> None:
    shown = {(p.parts[-3], int(p.parts[-2][1:])) for p in EXAMPLES}
    assert set(REGISTER) <= shown
    assert {kind for kind, _ in REGISTER} == set(TOPIC_OF)
    assert set(TOPIC_OF.values()) <= set(TOPICS)


@given(st.text())
def test_any_text_survives_the_wire(text: str) -> None:
    assert decode(encode(heard(text))) == heard(text)


def test_chinese_travels_unescaped() -> None:
    assert "停水".encode() in encode(heard("停水"))


def test_unknown_fields_are_ignored_and_missing_optional_ones_defaulted() -> None:
    wire = json.loads(encode(heard("好")))
    wire["body"]["mood"] = "angry"
    del wire["body"]["text"]
    wire["body"]["text"] = "好"
    assert decode(json.dumps(wire).encode()) == heard("好")


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda w: w.pop("id"), "id"),
        (lambda w: w.update(type="call.sung"), "call.sung"),
        (lambda w: w.update(v=99), "version 99"),
        (lambda w: w["body"].update(start_s="soon"), "start_s"),
        (lambda w: w["body"].pop("utterance"), "utterance"),
        (lambda w: w.update(at="yesterday"), "at"),
        (lambda w: w.update(at="2026-01-01T00:00:00"), "time zone"),
        (lambda w: w.update(key="k1"), "sealed"),
        (lambda w: w["body"].update(leg="neighbour"), "leg"),
    ],
)
def test_a_bad_event_is_refused_and_the_fault_named(damage, says: str) -> None:
    wire = json.loads(encode(heard("好")))
    damage(wire)
    with pytest.raises(BadEvent, match=says):
        decode(json.dumps(wire).encode())


@given(st.binary(max_size=200))
def test_random_bytes_are_a_bad_event_and_nothing_else(data: bytes) -> None:
    with pytest.raises(BadEvent):
        decode(data)


def test_an_event_over_the_size_limit_is_refused_unread() -> None:
    with pytest.raises(BadEvent, match="larger"):
        decode(b"{" + b" " * MAX_BYTES)


def test_events_and_bodies_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        heard("好").body.text = "坏"


def test_start_without_an_agent_means_the_queue() -> None:
    body = msgspec.convert(
        {"door": "ws", "switch": "s", "source": "1", "legs": ["caller"], "codec": "PCMA", "rate": 8000}, CallStarted
    )
    assert body.agent is None
