"""What a stage remembers of one call: nothing but what the call's own events said, in their order."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime

import msgspec

from schemas.audio import Leg

FORMAT = b"u1"  # of the snapshot
_encode = msgspec.msgpack.Encoder(order="deterministic").encode  # sets sorted: the same state is the same bytes


class Utterance(msgspec.Struct, frozen=True, array_like=True):
    """A final utterance, its text as it stands now."""

    id: str
    leg: Leg
    text: str
    start_s: float  # seconds since leg start
    used: bool  # heard while the caller was told and the assistant was on


class Lock(msgspec.Struct, frozen=True, array_like=True):
    """A field a person set; an empty value clears the field and keeps it locked."""

    value: str
    label: str
    by: str
    after: int = 0  # utterances heard before it was set


class HandMatter(msgspec.Struct, frozen=True, array_like=True):
    """A matter a person opened, with the utterances moved to it and the utterance it begins after."""

    id: str
    utterances: tuple[str, ...]
    after: int  # utterances heard before it was opened


class CallState(msgspec.Struct, frozen=True, kw_only=True):
    """A pure fold over the events of one call (`agents/fold.py`)."""

    call: str
    tenant: str
    revision: int = 0  # events folded
    started: datetime = datetime(1970, 1, 1, tzinfo=UTC)
    ani: str = ""
    told: bool = False  # the notice was given
    assist: bool = True
    ended: bool = False
    utterances: tuple[Utterance, ...] = ()
    locks: dict[str, dict[str, Lock]] = {}  # matter id → field → what the person set
    opened: tuple[HandMatter, ...] = ()
    closed: dict[str, str] = {}  # matter id → outcome
    raised: tuple[str, ...] = ()  # risks already alerted
    seen: frozenset[str] = frozenset()  # ids of the events folded
    last: str = ""  # id of the newest of them

    def snapshot(self) -> bytes:
        """The state as bytes, compressed."""
        return FORMAT + zlib.compress(_encode(self), 1)

    @classmethod
    def restore(cls, data: bytes) -> CallState:
        """Reads `snapshot` back. Raises ValueError on anything else."""
        if data[: len(FORMAT)] != FORMAT:
            raise ValueError(f"no snapshot of format {FORMAT!r}: begins with {data[:4]!r}")
        try:
            return msgspec.msgpack.decode(zlib.decompress(data[len(FORMAT) :]), type=cls)
        except (zlib.error, msgspec.DecodeError) as error:
            raise ValueError(f"broken snapshot: {error}") from error
