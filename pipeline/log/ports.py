"""The log's contract: ordered records per topic, durable before `append` returns, read again from any offset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec


class LogFull(RuntimeError):
    """The log can't take more now (disk full, too much in flight). A named outcome: the caller slows or refuses."""


class LogUnavailable(RuntimeError):
    """The log does not answer. Whether a pending append happened is unknown; ids from causes make a retry harmless."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One record as stored."""

    topic: str
    key: str
    offset: int  # from 1, rising within the topic; gaps are allowed
    value: bytes
    head: bytes = b""  # description of raw values (audio); empty for events
    at: float  # unix seconds of the append
    lane: int = 0  # the embedded house is one lane

    @property
    def place(self) -> str:
        """Where it lies, in words: the same for no other record of the house."""
        return f"{self.topic}:{self.offset}" if not self.lane else f"{self.topic}:{self.lane}:{self.offset}"


class LogReads(Protocol):
    """The reading half, which an onlooker has too."""

    async def read(self, topic: str, after: int, limit: int = 500) -> list[Record]:
        """Records with offset > `after`, oldest first, at most `limit`; empty at the end."""

    async def read_key(self, topic: str, key: str, after: int = 0, limit: int = 10_000) -> list[Record]:
        """The same for one key."""


class LogWrites(Protocol):
    """What who only writes needs of a log."""

    async def append(self, topic: str, key: str, value: bytes, head: bytes = b"") -> int:
        """Adds one record; returns its offset. Raises LogFull or LogUnavailable."""


class Log(LogReads, LogWrites, Protocol):
    """Obligations of every implementation; `tests/contract/test_log.py` holds each to them.

    * `append` returns only when the record survives kill -9 (for durable topics), and raises otherwise.
    * Records of one key come back in the order their appends were called.
    * `read` never skips: a record with a smaller offset than one already returned never appears later.
    * Topics that are not durable (schemas.topics) are kept in memory and may forget their oldest records.
    """

    async def append_many(self, topic: str, records: Sequence[tuple[str, bytes, bytes]]) -> list[int]:
        """Adds (key, value, head) records in one go: all or none."""

    async def wait(self, topic: str, after: int) -> None:
        """Returns as soon as a record with offset > `after` exists."""

    async def last(self, topic: str, key: str) -> Record | None:
        """The newest record of a key, if there is any."""

    async def end(self, topic: str) -> int:
        """Offset of the newest record; 0 when there is none."""

    async def committed(self, group: str, topic: str) -> int:
        """Last offset the group has finished with; 0 at first."""

    async def commit(self, group: str, topic: str, offset: int) -> None:
        """Notes that the group has finished with everything up to `offset`."""

    async def drop_before(self, topic: str, unix_time: float) -> int:
        """Retention: forgets the topic's records older than `unix_time`; returns how many. Offsets are never reused."""

    async def close(self) -> None:
        """Flushes and closes; no append is lost that returned."""
