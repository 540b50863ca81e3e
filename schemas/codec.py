"""The one codec: events to bytes and back. Bytes are UTF-8 JSON, Chinese unescaped, so any client can read a topic."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from schemas.event import REGISTER, Body, Event
from schemas.upcast import upcast

MAX_BYTES = 1 << 20  # largest event accepted, bytes


class BadEvent(ValueError):
    """Bytes that are no event of ours; says what is wrong and where."""


class _Wire(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    type: str
    v: int
    tenant: str
    call: str
    cause: str | None = None
    at: datetime
    key: str | None = None  # id of the call's data key when `body` is sealed; None = plain
    body: msgspec.Raw


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Wire)


def encode(event: Event) -> bytes:
    """Event → bytes."""
    body: Body = event.body
    wire = _Wire(
        id=event.id,
        type=body.TYPE,
        v=body.VERSION,
        tenant=event.tenant,
        call=event.call,
        cause=event.cause,
        at=event.at,
        body=msgspec.Raw(_encoder.encode(body)),
    )
    return _encoder.encode(wire)


def decode(data: bytes) -> Event:
    """Bytes → Event. Raises BadEvent naming the field at fault."""
    if len(data) > MAX_BYTES:
        raise BadEvent(f"event of {len(data)} bytes is larger than {MAX_BYTES}")
    try:
        wire = _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadEvent(f"no event envelope: {error}") from error
    if wire.key is not None:
        raise BadEvent(f"event {wire.id} is sealed with key {wire.key}: unseal it first")
    if wire.at.tzinfo is None:
        raise BadEvent(f"event {wire.id}: 'at' has no time zone")
    kind, version, raw = upcast(wire.type, wire.v, bytes(wire.body))
    body_type = REGISTER.get((kind, version))
    if body_type is None:
        raise BadEvent(f"event {wire.id}: unknown type {wire.type!r} version {wire.v}")
    try:
        body: Any = msgspec.json.decode(raw, type=body_type)
    except msgspec.DecodeError as error:
        raise BadEvent(f"event {wire.id} ({wire.type}): {error}") from error
    return Event(id=wire.id, tenant=wire.tenant, call=wire.call, cause=wire.cause, at=wire.at, body=body)
