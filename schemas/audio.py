"""Audio between door and ear: the frame, as it was received, and its log key and headers."""

from __future__ import annotations

from typing import Literal

import msgspec

Leg = Literal["caller", "agent", "mixed"]
Codec = Literal["L16", "PCMA", "PCMU"]
GapCause = Literal["declared", "lost", "suspected", "paused", "malformed", "overflow", "unreadable"]

BYTES_PER_SAMPLE: dict[str, int] = {"L16": 2, "PCMA": 1, "PCMU": 1}


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """Audio of one leg, 10–200 ms, exactly as received (decoded behind the log)."""

    call: str
    leg: Leg
    seq: int  # +1 per leg; (call, leg, seq) identifies a frame
    sample_pos: int  # samples since leg start, gaps included
    codec: Codec
    rate: int  # Hz: 8000 or 16000
    data: bytes  # mono; L16 little endian
    recv_mono: int  # receiver's monotonic clock, ns; for latency, never for order
    source_ts: int | None = None  # the source's own clock, in its own unit

    @property
    def samples(self) -> int:
        return len(self.data) // BYTES_PER_SAMPLE[self.codec]


class _Head(msgspec.Struct, frozen=True, array_like=True):
    seq: int
    sample_pos: int
    codec: Codec
    rate: int
    recv_mono: int
    source_ts: int | None = None


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Head).decode


def frame_key(call: str, leg: str) -> str:
    """Log key of a leg's audio."""
    return f"{call}/{leg}"


def frame_head(frame: Frame) -> bytes:
    """The frame's description, as the log's record header `head`."""
    return _encode(_Head(frame.seq, frame.sample_pos, frame.codec, frame.rate, frame.recv_mono, frame.source_ts))


def frame_from(key: str, head: bytes, data: bytes) -> Frame:
    """Log record → Frame. Raises ValueError when key or head is none of ours."""
    call, slash, leg = key.rpartition("/")
    if not slash or leg not in ("caller", "agent", "mixed"):
        raise ValueError(f"no audio key: {key!r}")
    h = _decode(head)
    return Frame(
        call=call,
        leg=leg,  # type: ignore[arg-type]
        seq=h.seq,
        sample_pos=h.sample_pos,
        codec=h.codec,
        rate=h.rate,
        data=data,
        recv_mono=h.recv_mono,
        source_ts=h.source_ts,
    )
