"""Reads the SQLite log beside the process that writes it: for telling, replaying and examining."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from pipeline.log.ports import LogReads, LogUnavailable, Record
from pipeline.log.sqlite_file import LogReader
from pipeline.log.topics import known
from schemas.topics import AUDIO, CALLS, TOPICS

PAGE = 1000  # records held at once


class Onlooker:
    """Keeps `Recordings` and `LogReads`: sees what is committed; the writer never notices.

    Topics that are not durable are empty.
    """

    def __init__(self, folder: Path) -> None:
        files = (folder / "events.db", folder / "audio.db")
        missing = next((file for file in files if not file.exists()), None)
        if missing is not None:
            raise LogUnavailable(f"no log in {folder}: {missing.name} is not there")
        self._events, self._audio = (LogReader(file) for file in files)

    async def read(self, topic: str, after: int, limit: int = 500) -> list[Record]:
        """As pipeline.log.ports.Log.read."""
        reader = self._reader(topic)
        return reader.after(topic, after, limit) if reader else []

    async def read_key(self, topic: str, key: str, after: int = 0, limit: int = 10_000) -> list[Record]:
        """As pipeline.log.ports.Log.read_key."""
        reader = self._reader(topic)
        return reader.of_key(topic, key, after, limit) if reader else []

    async def call(self, call: str) -> LogReads:
        """Keeps `Recordings.call`: the files find a call by its key."""
        return self

    async def calls(self) -> AsyncIterator[tuple[Sequence[str], LogReads]]:
        """Keeps `Recordings.calls`."""
        seen: set[str] = set()
        batch: list[str] = []
        async for record in self.all_of(CALLS):
            if record.key in seen:
                continue
            seen.add(record.key)
            batch.append(record.key)
            if len(batch) == PAGE:
                yield batch, self
                batch = []
        if batch:
            yield batch, self

    async def all_of(self, topic: str) -> AsyncIterator[Record]:
        """Keeps `Recordings.all_of`."""
        after = 0
        while records := await self.read(topic, after, PAGE):
            for record in records:
                yield record
            after = records[-1].offset

    def end(self, topic: str) -> int:
        """Offset of the newest record there; 0 when there is none."""
        reader = self._reader(topic)
        return reader.newest(topic) if reader else 0

    async def oldest_unread(self, group: str, topic: str, done: int | None = None) -> float:
        """When the oldest record that the group has not finished with was appended, unix seconds; 0 = there is none."""
        after = self._events.progress().get((group, topic), 0) if done is None else done
        waiting = await self.read(topic, after, 1)
        return waiting[0].at if waiting else 0.0

    def _reader(self, topic: str) -> LogReader | None:
        known(topic)
        if not TOPICS[topic].durable:
            return None
        return self._audio if topic == AUDIO else self._events

    async def close(self) -> None:
        """Lets go of the files."""
        self._events.close()
        self._audio.close()
