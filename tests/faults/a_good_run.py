"""What a run without any fault leaves behind: one call that became a ticket, for the tests that doctor it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from pipeline.store import audit
from schemas.audio import Frame, frame_head, frame_key
from schemas.calls import CallEnded, CallHeard, CallStarted, MatterClosed, NoticeGiven
from schemas.codec import encode
from schemas.event import Event
from schemas.ids import call_id, handoff_id, matter_id, output_id
from schemas.topics import ALERTS, AUDIO, CALLS, DEAD, DRAFTS, SUGGESTIONS
from tests.faults.caller import Line
from tests.faults.kept import GROUPS, Found, Kept, MatterKept, Said
from tests.faults.person import Answer, Invoked
from tests.faults.replayed import heard_again, understood_again
from tests.faults.spoken import messages_of

CALL = call_id("ws", "a-good-run")
MATTER = matter_id(CALL, 0)
COMMAND = "1f5d5b0e-5a41-4b5c-8b1e-0d9b3f6c2a11"
TICKET, HASH = "ticket-1", "c" * 64
HANDOFF = handoff_id(TICKET, 1)
AT = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
MADE_AT = "2026-11-21T01:02:00.000Z"
RECORD = 800  # samples
COPIED = (AUDIO, CALLS, DRAFTS, SUGGESTIONS, ALERTS, DEAD)


def add(kept: Kept, topic: str, value: bytes, key: str = CALL, head: bytes = b"") -> None:
    """One more record of lane 0."""
    kept.records[topic].append(Found(lane=0, offset=len(kept.records[topic]), key=key, value=value, head=head))


def tell(kept: Kept, body: Any, id_: str, topic: str = CALLS) -> Event:
    event = Event(id=id_, tenant="yunlan", call=CALL, cause=None, at=AT + timedelta(seconds=9), body=body)
    add(kept, topic, encode(event))
    return event


def door(body: Any, n: int) -> str:
    return output_id(CALL, f"door.{body.TYPE}", n)


def put_sound(kept: Kept, leg: str, n: int, first: int, data: bytes) -> None:
    """Frame n of a leg, from sample `first` on."""
    frame = Frame(
        call=CALL, leg=leg, seq=n, sample_pos=first, codec="PCMA", rate=8000, data=data, recv_mono=0  # type: ignore[arg-type]
    )  # fmt: skip
    add(kept, AUDIO, data, frame_key(CALL, leg), frame_head(frame))


async def a_good_run() -> Kept:
    kept = Kept()
    messages = messages_of(CALL)
    tell(
        kept,
        started := CallStarted(
            door="ws", switch="fs1", source="a-good-run", legs=("caller", "agent"), codec="PCMA", rate=8000
        ),
        door(started, 1),
    )
    tell(kept, NoticeGiven(), door(NoticeGiven(), 2))
    samples = {}
    for channel, leg in enumerate(started.legs):
        data = b"".join(message[channel::2] for message in messages)
        samples[str(leg)] = len(data)
        for n, first in enumerate(range(0, len(data), RECORD), start=1):
            put_sound(kept, leg, n, first, data[first : first + RECORD])
    ended = CallEnded(reason="stopped", samples=samples, gaps={"caller": 0, "agent": 0})
    tell(kept, ended, door(ended, 3))
    for event in (utterances := await heard_again(kept)).values():
        add(kept, CALLS, encode(event))
    tell(kept, CallHeard(utterances=len(utterances)), output_id(CALL, "heard"))
    closed = tell(
        kept, MatterClosed(matter=MATTER, outcome="confirmed", by="u1", ticket=TICKET), output_id(COMMAND, "desk", 0)
    )
    for topic, events in (await understood_again(kept)).items():
        for event in events.values():
            add(kept, topic, encode(event))
    _record(kept, closed, [event.body.utterance for event in utterances.values()])
    return kept


def _record(kept: Kept, closed: Event, utterances: list[str]) -> None:
    """What database, people, switch and receiver know of it."""
    kept.ends = {(topic, 0): len(kept.records[topic]) for topic in COPIED}
    kept.done = {(group, 0): kept.ends[topic, 0] for group, topic in GROUPS.items()}
    body = json.dumps({"ticket": TICKET, "version": 1}).encode()
    kept.rows["calls"] = [{"id": CALL, "state": "heard", "parked": False}]
    kept.rows["utterances"] = [{"id": id_} for id_ in utterances]
    kept.rows["tickets"] = [
        {"id": TICKET, "ticket_no": "YL1", "state": "dispatched", "body": json.dumps({"confirmed_hash": HASH})}
    ]
    kept.rows["handoffs"] = [
        {
            "id": HANDOFF, "ticket": TICKET, "version": 1, "state": "delivered", "command": COMMAND,
            "content_hash": HASH, "made_at": MADE_AT,
        }
    ]  # fmt: skip
    kept.rows["decisions"] = [
        {"command": COMMAND, "type": "confirm_matter", "content_hash": HASH, "at": MADE_AT, "body": "{}"}
    ]
    kept.rows["outbox"] = [{"seq": 1, "event": closed.id, "key": CALL, "sent": True}]
    kept.rows["checkpoints"] = [
        {"reader": "recorder/0", "topic": topic, "position": kept.ends[topic, 0]} for topic in COPIED
    ]
    kept.matters = [MatterKept(call=CALL, id=MATTER, closed="confirmed", ticket=TICKET)]
    for n, command in enumerate(("", COMMAND, ""), start=1):
        entry = audit.AuditEntry(
            tenant="yunlan", seq=n, at=MADE_AT, actor="u1", role="agent", action="a", object="o", version=n,
            content_hash=HASH, reason="", command=command, alg=audit.ALGORITHM,
        )  # fmt: skip
        before = kept.chain[-1].hash if kept.chain else audit.GENESIS
        kept.chain.append(msgspec.structs.replace(entry, hash=audit.link(before, entry)))
    command = {"type": "confirm_matter", "command_id": COMMAND, "matter": MATTER, "content_hash": HASH}
    ok = Answer(came="ok", status=200, outcome={"status": "ok", "ticket": TICKET})
    kept.history = [Invoked(who="agent1", body=command, answers=[Answer(came="unknown"), ok])]
    line = Line(door="ws://1", messages=list(range(len(messages_of(CALL)))), code=1000, stopped=True)
    kept.said = [Said(call=CALL, lines=[line], is_over=True)]
    kept.accepted = [(HANDOFF, body)]
