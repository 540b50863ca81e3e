"""The life of a call, told from the log: every event in order, with its cause."""

from __future__ import annotations

import msgspec

from pipeline.log.ports import LogReads, Record
from schemas.audio import frame_from
from schemas.codec import BadEvent, decode
from schemas.event import Event
from schemas.topics import AUDIO, TOPICS

LEGS = ("caller", "agent", "mixed")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened."""

    at: str  # UTC ISO
    topic: str
    offset: int
    type: str
    id: str
    cause: str  # "" at the door and at a person's hand
    says: str


async def tell(log: LogReads, call: str) -> list[Line]:
    """Everything the log holds on a call, oldest first. Empty when the call is unknown."""
    lines: list[tuple[float, Line]] = []
    for topic in TOPICS.values():
        if topic.payload == "audio":
            continue
        for record in await log.read_key(topic.name, call):
            lines.append((record.at, _line(record)))
    for leg in LEGS:
        lines.extend(await _audio(log, call, leg))
    return [line for _, line in sorted(lines, key=lambda pair: (pair[0], pair[1].topic, pair[1].offset))]


def _line(record: Record) -> Line:
    try:
        event = decode(record.value)
    except BadEvent as error:
        return Line(
            at="", topic=record.topic, offset=record.offset, type="unreadable", id="", cause="", says=str(error)
        )
    return Line(
        at=event.at.isoformat(),
        topic=record.topic,
        offset=record.offset,
        type=event.type,
        id=event.id,
        cause=event.cause or "",
        says=summary(event),
    )


async def _audio(log: LogReads, call: str, leg: str) -> list[tuple[float, Line]]:
    records = await log.read_key(AUDIO, f"{call}/{leg}", limit=1_000_000)
    if not records:
        return []
    first, last = records[0], records[-1]
    samples = sum(frame_from(r.key, r.head, r.value).samples for r in records)
    rate = frame_from(first.key, first.head, first.value).rate
    says = f"{leg}: {len(records)} records, {samples} samples ({samples / rate:.1f} s), last at offset {last.offset}"
    return [(first.at, Line(at="", topic=AUDIO, offset=first.offset, type="audio", id="", cause="", says=says))]


def summary(event: Event) -> str:
    """The body in one line: the short fields by name, long ones by their size."""
    parts = []
    for name, value in msgspec.to_builtins(event.body, builtin_types=(bytes,)).items():
        if isinstance(value, str | int | float | bool) and len(str(value)) <= 80:
            parts.append(f"{name}={value}")
        elif isinstance(value, str | bytes | list | tuple | dict):
            parts.append(f"{name}[{len(value)}]")
    return " ".join(parts)
