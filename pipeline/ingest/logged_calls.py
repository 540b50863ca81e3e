"""The calls of a door over one log, which no other door writes: the embedded house."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.ingest.past import Past, open_calls, past_of
from pipeline.log.ports import Log
from schemas.topics import CALLS


class LoggedCalls:
    """Keeps `CallLog`. The group's offset in topic `calls` lies before the oldest call that has not ended, always."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._marked: dict[str, int] = {}

    async def append_many(self, topic: str, records: Sequence[tuple[str, bytes, bytes]]) -> list[int]:
        """Keeps CallLog."""
        return await self._log.append_many(topic, records)

    async def past(self, call: str) -> Past:
        """Keeps CallLog."""
        return await past_of(self._log, call)

    async def left_open(self, door: str) -> list[tuple[str, Past]]:
        """Keeps CallLog."""
        self._marked[door] = await self._log.committed(_group(door), CALLS)
        return [(id, await past_of(self._log, id)) for id in await open_calls(self._log, self._marked[door])]

    async def mark(self, door: str, oldest: int | None) -> None:
        """Keeps CallLog."""
        mark = await self._log.end(CALLS) if oldest is None else oldest - 1
        if mark != self._marked.get(door, 0):
            await self._log.commit(_group(door), CALLS, mark)
            self._marked[door] = mark


def _group(door: str) -> str:
    return f"door.{door}"
