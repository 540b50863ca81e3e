"""The log of the embedded engine: append-only SQLite files in one folder; survives kill -9, can be read again."""

from __future__ import annotations

import asyncio
import fcntl
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import IO, TypeVar

from pipeline.log.group_commit import GroupCommit
from pipeline.log.memory import FORGET_AFTER, MemoryTopic
from pipeline.log.ports import LogUnavailable, Record
from pipeline.log.sqlite_file import RESERVE, LogFile, LogReader
from pipeline.log.topics import known
from pipeline.log.waiters import Waiters
from schemas.topics import AUDIO, TOPICS

T = TypeVar("T")


class _Shelf:
    """One file with its writer and its reader."""

    def __init__(self, file: LogFile, max_inflight: int, clock: Callable[[], float], waiters: Waiters) -> None:
        self._file = file
        self.writer = GroupCommit(file, max_inflight=max_inflight, clock=clock, on_written=waiters.reached)
        self.reader = LogReader(file.path)
        self.threads = ThreadPoolExecutor(1, thread_name_prefix=f"log-read-{file.path.stem}")
        for topic, end in self.writer.ends.items():
            waiters.reached(topic, end)

    async def close(self) -> None:
        await self.writer.close()  # 1. what was handed in is committed
        await asyncio.to_thread(self.threads.shutdown)  # 2. reads under way end
        self.reader.close()  # 3. before the writer's file: only a writer that closes last tidies the WAL away
        self._file.close()


class SqliteLog:
    """A record whose append returned is read again after kill -9 and power loss; a full disk refuses, and recovers.

    Audio lies in a file of its own (`audio.db`), so that its bulk, its retention and its slow disk never hold up the
    events (`events.db`), where the group offsets lie too. One process writes; a second is refused at once.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        max_inflight: int = 32 << 20,  # bytes per file that may wait for their commit before LogFull
        clock: Callable[[], float] = time.time,  # unix seconds
        forget_after: int = FORGET_AFTER,  # records a topic that is not durable remembers
        reserve: int = RESERVE,  # bytes left free on the disk, so that retention can still work when it is full
        busy_s: float = 2.0,  # seconds to wait for a lock another program holds before LogUnavailable
        max_pages: int | None = None,  # ceiling per file, pages; None = the disk's own
    ) -> None:
        self._folder = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock = self._take_lock()
        self._clock = clock
        self._waiters = Waiters()
        self._closed = False
        self._volatile = {name: MemoryTopic(name, forget_after) for name, row in TOPICS.items() if not row.durable}
        events = [name for name, row in TOPICS.items() if row.durable and name != AUDIO]
        open_file = partial(LogFile, busy_s=busy_s, reserve=reserve, max_pages=max_pages)
        try:
            events_file = open_file(self._folder / "events.db", events, page_size=4096)
            audio_file = open_file(self._folder / "audio.db", [AUDIO], page_size=8192)
        except BaseException:
            self._lock.close()
            raise
        self._events = _Shelf(events_file, max_inflight, clock, self._waiters)
        self._audio = _Shelf(audio_file, max_inflight, clock, self._waiters)

    async def append(self, topic: str, key: str, value: bytes, head: bytes = b"") -> int:
        return (await self.append_many(topic, [(key, value, head)]))[0]

    async def append_many(self, topic: str, records: Sequence[tuple[str, bytes, bytes]]) -> list[int]:
        if not records:
            return []
        held = self._volatile_topic(topic)
        if held is None:
            return await self._shelf(topic).writer.append(topic, records)
        at = self._clock()
        offsets = [held.add(key, value, head, at) for key, value, head in records]
        self._waiters.reached(topic, held.end)
        return offsets

    async def read(self, topic: str, after: int, limit: int = 500) -> list[Record]:
        held = self._volatile_topic(topic)
        if held is not None:
            return held.after(after, limit)
        shelf = self._shelf(topic)
        if after >= shelf.writer.ends[topic]:
            return []
        return await self._in_thread(shelf, lambda: shelf.reader.after(topic, after, limit))

    async def read_key(self, topic: str, key: str, after: int = 0, limit: int = 10_000) -> list[Record]:
        held = self._volatile_topic(topic)
        if held is not None:
            return held.of_key(key, after, limit)
        shelf = self._shelf(topic)
        return await self._in_thread(shelf, lambda: shelf.reader.of_key(topic, key, after, limit))

    async def last(self, topic: str, key: str) -> Record | None:
        held = self._volatile_topic(topic)
        if held is not None:
            return held.last(key)
        shelf = self._shelf(topic)
        return await self._in_thread(shelf, lambda: shelf.reader.last(topic, key))

    async def wait(self, topic: str, after: int) -> None:
        known(topic)
        await self._waiters.wait(topic, after)

    async def end(self, topic: str) -> int:
        held = self._volatile_topic(topic)
        return held.end if held is not None else self._shelf(topic).writer.ends[topic]

    async def committed(self, group: str, topic: str) -> int:
        known(topic)
        return self._events.writer.progress.get((group, topic), 0)

    async def commit(self, group: str, topic: str, offset: int) -> None:
        known(topic)
        await self._events.writer.commit(group, topic, offset)

    async def drop_before(self, topic: str, unix_time: float) -> int:
        held = self._volatile_topic(topic)
        if held is not None:
            return held.drop_before(unix_time)
        return await self._shelf(topic).writer.drop_before(topic, unix_time)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        for shelf in (self._events, self._audio):
            await shelf.close()
        self._waiters.close()  # only now: the last records have woken their readers
        self._lock.close()

    def _shelf(self, topic: str) -> _Shelf:
        known(topic)
        return self._audio if topic == AUDIO else self._events

    def _volatile_topic(self, topic: str) -> MemoryTopic | None:
        known(topic)
        if self._closed:
            raise LogUnavailable("the log is closed")
        return self._volatile.get(topic)

    async def _in_thread(self, shelf: _Shelf, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(shelf.threads, work)

    def _take_lock(self) -> IO[bytes]:
        lock = (self._folder / "writer.lock").open("wb")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            lock.close()
            raise LogUnavailable(f"the log in {self._folder} is in use by another process") from error
        return lock
