"""What a door asks of a log: to keep what it writes, and to know a call's past. One log, or the lanes of Kafka."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pipeline.ingest.past import Past


class CallLog(Protocol):
    """The log as a door needs it. Each question raises LogUnavailable when the log does not answer."""

    async def append_many(self, topic: str, records: Sequence[tuple[str, bytes, bytes]]) -> list[int]:
        """Adds (key, value, head) records of one call; returns their offsets. Raises LogFull or LogUnavailable."""

    async def past(self, call: str) -> Past:
        """What is known of a call this door is not feeding; empty when nothing is.

        Asked when a source has come for it: from here on the call is this door's and no other's.
        Raises Refused when another door does not let go of it.
        """

    async def left_open(self, door: str) -> list[tuple[str, Past]]:
        """Calls that an earlier life of this door began and nobody ended, oldest first."""

    async def mark(self, door: str, oldest: int | None) -> None:
        """Notes that of the door's calls none is open but those begun from offset `oldest` on; None = none at all."""
