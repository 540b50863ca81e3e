"""What is on record, for who looks on: the log cut into calls, read beside the house and changing nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Protocol

from pipeline.log.ports import LogReads, Record
from pipeline.log.topics import known


class Recordings(Protocol):
    """Obligations of every onlooker. Raises LogUnavailable."""

    async def call(self, call: str) -> LogReads:
        """A log in which at least everything of this call can be read by key, of durable topics."""

    def calls(self) -> AsyncIterator[tuple[Sequence[str], LogReads]]:
        """All calls that began in what the log still holds, some at a time, each time with a log to read them in."""

    def all_of(self, topic: str) -> AsyncIterator[Record]:
        """Every record of a topic: in order within a call, not among calls."""

    async def close(self) -> None:
        """Lets go."""


class Excerpt:
    """A few calls' records held in memory, read as a log is. What it was not given is not there."""

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self._records: dict[str, dict[str, list[Record]]] = {}  # topic → key → oldest first
        for record in records:
            self.add(record)

    def add(self, record: Record) -> None:
        """Takes one more record, newer than those of its topic and key before."""
        self._records.setdefault(record.topic, {}).setdefault(record.key, []).append(record)

    async def read(self, topic: str, after: int, limit: int = 500) -> list[Record]:
        """As pipeline.log.ports.Log.read."""
        known(topic)
        found = [r for of_key in self._records.get(topic, {}).values() for r in of_key if r.offset > after]
        return sorted(found, key=lambda r: r.offset)[:limit]

    async def read_key(self, topic: str, key: str, after: int = 0, limit: int = 10_000) -> list[Record]:
        """As pipeline.log.ports.Log.read_key."""
        known(topic)
        return [r for r in self._records.get(topic, {}).get(key, ()) if r.offset > after][:limit]
