"""Where the ear stands in each leg, kept in the log: after a kill, hearing goes on there instead of at the beginning.

Text alone would not need it: segments depend on the sound only, so hearing a leg again from its first frame gives the
same utterances. A checkpoint spares that work after hours of talk.
"""

from __future__ import annotations

import msgspec

from pipeline.asr.options import EarOptions
from pipeline.asr.stream import LegStream
from pipeline.log.ports import Log
from schemas.topics import CHECKPOINTS


class Checkpoint(msgspec.Struct, frozen=True, array_like=True):
    """A leg's state after the sound up to `offset`; every final before it is in the log."""

    offset: int  # in `audio`
    opened: int  # offset of the call's CallStarted in `calls`: a call opened anew starts anew
    state: bytes  # of LegStream


class Checkpoints:
    """Writes and finds checkpoints."""

    def __init__(self, log: Log) -> None:
        self._log = log

    async def save(self, key: str, checkpoint: Checkpoint) -> None:
        """Notes where a leg stands. Raises LogFull, LogUnavailable."""
        await self._log.append(CHECKPOINTS, key, msgspec.msgpack.encode(checkpoint))

    async def leg(self, key: str, rate: int, opened: int, first: int, options: EarOptions) -> tuple[LegStream, int]:
        """The leg as it stood and the offset it had heard; a new one before record `first` when nothing fits."""
        record = await self._log.last(CHECKPOINTS, key)
        if record is not None:
            try:
                found = msgspec.msgpack.decode(record.value, type=Checkpoint)
                if found.opened == opened:
                    return LegStream.restored(key, found.state, options), found.offset
            except (msgspec.DecodeError, ValueError):
                pass  # of another version: the leg is heard again from the committed offset
        return LegStream(key, rate, options), first - 1
