"""One dead letter: what it says of itself, what its bytes give away, and what became of it."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

import msgspec

from pipeline.log.ports import Record
from pipeline.store import dead_letters
from schemas.codec import BadEvent, decode
from schemas.draft import DeadLettered
from schemas.ids import output_id

_ID = re.compile(rb'^\s*\{\s*"id"\s*:\s*"([^"\\]{1,64})"')
_BYTE = re.compile(r"\(byte (\d+)\)")
_AT = re.compile(r"at `([^`]+)`")


class Letter(msgspec.Struct, kw_only=True):
    """One dead letter, and what became of it. Nothing here is what was said in a call."""

    id: str
    call: str
    stage: str  # who could not digest it
    topic: str  # where it was read
    offset: int
    reason: str
    parked_at: float  # unix seconds; of the event where the log no longer has the letter
    bytes: int = -1  # size of what it holds; −1 = the log no longer has it
    settled: str = ""  # "" = open | repaired | replayed | discarded
    by: str = ""
    at: str = ""  # UTC ISO, of the settling


def carried_id(data: bytes) -> str:
    """The event id bytes give away, though they may be no whole event; "" = none."""
    try:
        raw = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        found = _ID.match(data)
        return found.group(1).decode("utf-8", "replace") if found else ""
    told = raw.get("id") if isinstance(raw, dict) else None
    return told if isinstance(told, str) and 0 < len(told) <= 64 else ""


def repaired_id(letter: str, data: bytes) -> str:
    """Under which id a repaired record goes out: see the module's rule."""
    try:
        decode(data)
    except BadEvent:
        return carried_id(data) or output_id(letter, "repaired")
    return output_id(letter, "repaired")


def of_record(kept: dead_letters.Kept) -> Letter:
    """The letter as the record has it."""
    at = datetime.fromisoformat(kept.at).timestamp()
    return Letter(
        id=kept.letter,
        call=kept.call,
        stage=kept.stage,
        topic=kept.topic,
        offset=kept.offset,
        reason=kept.reason,
        parked_at=at,
    )


def of_log(record: Record) -> Letter | None:
    """The letter a record of topic `dead` is; None for anything else."""
    try:
        event = decode(record.value)
    except BadEvent:
        return None
    body = event.body
    if not isinstance(body, DeadLettered):
        return None
    return Letter(
        id=event.id,
        call=record.key,
        stage=body.stage,
        topic=body.topic,
        offset=body.offset,
        reason=body.reason,
        parked_at=record.at,
        bytes=len(body.data),
    )


def with_data(record: Record, id: str) -> tuple[Letter, bytes] | None:
    """The letter and what it holds, if the record is this one."""
    letter = of_log(record)
    return (letter, decode(record.value).body.data) if letter is not None and letter.id == id else None


def mark(letter: Letter, done: dict[str, dead_letters.Settled]) -> None:
    """Notes how it was settled, unless it was parked once more since."""
    found = done.get(letter.id)
    if found is not None and datetime.fromisoformat(found.at).timestamp() + 0.001 >= letter.parked_at:
        letter.settled, letter.by, letter.at = found.how, found.by, found.at


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """What is the matter with a letter, in words that quote nothing of the call."""

    is_event: bool
    fault: str  # "" = it decodes
    at_byte: int = -1  # where the bytes cease to be JSON; −1 = they are
    at_field: str = ""  # the field at fault
    event: str = ""  # its id, type and version, as far as the bytes give them away
    type: str = ""
    version: int = 0
    sha256: str = ""
    can: tuple[str, ...] = ()  # repair | replay | discard


def explain(letter: Letter, data: bytes) -> Explanation:
    """What the bytes are and where they fail, today."""
    fault = ""
    try:
        decode(data)
    except BadEvent as error:
        fault = str(error)
    try:
        raw = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raw, fault = None, fault or str(error)
    head = raw if isinstance(raw, dict) else {}
    kind, version = head.get("type"), head.get("v")
    byte, field = _BYTE.search(fault), _AT.search(fault)
    can = ["discard"]
    if not letter.settled and not letter.stage.startswith("door."):
        can = ["repair", *([] if fault else ["replay"]), *can]
    return Explanation(
        is_event=not fault,
        fault=fault,
        at_byte=int(byte.group(1)) if byte else -1,
        at_field=field.group(1) if field else "",
        event=carried_id(data),
        type=kind if isinstance(kind, str) else "",
        version=version if isinstance(version, int) else 0,
        sha256=hashlib.sha256(data).hexdigest(),
        can=tuple(can),
    )
