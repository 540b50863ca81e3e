"""The life of a call, told from the log: every event in order, with its cause."""

from __future__ import annotations

import msgspec

from pipeline.log.ports import LogReads, Record
from schemas.audio import frame_from
from schemas.codec import BadEvent, decode
from schemas.event import Event
from schemas.topics import AUDIO, TOPICS

LEGS = ("caller", "agent", "mixed")
PAGE = 500  # records of sound held at once
_PLACE = {topic: place for place, topic in enumerate(TOPICS)}


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
        if topic.payload == "audio" or not topic.durable:
            continue
        for record in await log.read_key(topic.name, call):
            lines.append((record.at, _line(record)))
    for leg in LEGS:
        lines.extend(await _audio(log, call, leg))
    return [line for _, line in sorted(lines, key=_order)]


def _order(pair: tuple[float, Line]) -> tuple[float, int, int]:
    """By time of the append in milliseconds, as every log keeps it; within one, causes before what follows."""
    at, line = pair
    return round(at, 3), _PLACE[line.topic], line.offset


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
    first: Record | None = None
    after = records = samples = rate = 0
    while page := await log.read_key(AUDIO, f"{call}/{leg}", after, PAGE):
        for record in page:
            try:
                frame = frame_from(record.key, record.head, record.value)
            except ValueError:
                continue  # the ear passes over it too
            samples, rate = samples + frame.samples, rate or frame.rate
        first, records, after = first or page[0], records + len(page), page[-1].offset
    if first is None:
        return []
    says = f"{leg}: {records} records, {samples} samples ({samples / (rate or 1):.1f} s)"
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
