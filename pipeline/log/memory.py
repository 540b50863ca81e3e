"""The log in memory: for tests, and for topics whose records cost nothing to lose. Nothing outlives the process."""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Callable, Sequence

from pipeline.log.ports import LogFull, LogUnavailable, Record
from pipeline.log.topics import known
from pipeline.log.waiters import Waiters

FORGET_AFTER = 4096  # records a topic that is not durable remembers


class MemoryTopic:
    """One topic in memory, oldest first; forgets the oldest beyond `keep` records (None = keeps all)."""

    def __init__(self, name: str, keep: int | None = None) -> None:
        self.name = name
        self.end = 0  # offset of the newest record ever added
        self.size = 0  # bytes of values and heads held
        self._records: deque[Record] = deque()
        self._by_key: dict[str, deque[Record]] = defaultdict(deque)
        self._keep = keep

    def add(self, key: str, value: bytes, head: bytes, at: float) -> int:
        self.end += 1
        record = Record(topic=self.name, key=key, offset=self.end, value=value, head=head, at=at)
        self._records.append(record)
        self._by_key[key].append(record)
        self.size += len(value) + len(head)
        if self._keep is not None and len(self._records) > self._keep:
            self._forget_oldest()
        return self.end

    def after(self, offset: int, limit: int) -> list[Record]:
        if not self._records:
            return []
        start = max(0, offset + 1 - self._records[0].offset)  # offsets are gapless here
        return [self._records[i] for i in range(start, min(len(self._records), start + limit))]

    def of_key(self, key: str, offset: int, limit: int) -> list[Record]:
        records = list(self._by_key.get(key, ()))
        start = bisect_right(records, offset, key=lambda record: record.offset)
        return records[start : start + limit]

    def last(self, key: str) -> Record | None:
        records = self._by_key.get(key)
        return records[-1] if records else None

    def drop_before(self, unix_time: float) -> int:
        dropped = 0
        while self._records and self._records[0].at < unix_time:
            self._forget_oldest()
            dropped += 1
        return dropped

    def _forget_oldest(self) -> None:
        record = self._records.popleft()
        self._by_key[record.key].popleft()
        if not self._by_key[record.key]:
            del self._by_key[record.key]
        self.size -= len(record.value) + len(record.head)


class MemoryLog:
    """Keeps the whole contract of a log but one promise: at kill -9 everything is lost."""

    def __init__(
        self,
        *,
        max_bytes: int | None = None,  # bytes of durable topics held before LogFull; None = no limit
        clock: Callable[[], float] = time.time,  # unix seconds
        forget_after: int = FORGET_AFTER,  # records
    ) -> None:
        self._max_bytes = max_bytes
        self._clock = clock
        self._forget_after = forget_after
        self._topics: dict[str, MemoryTopic] = {}
        self._groups: dict[tuple[str, str], int] = {}
        self._waiters = Waiters()
        self._closed = False

    async def append(self, topic: str, key: str, value: bytes, head: bytes = b"") -> int:
        return (await self.append_many(topic, [(key, value, head)]))[0]

    async def append_many(self, topic: str, records: Sequence[tuple[str, bytes, bytes]]) -> list[int]:
        held = self._topic(topic)
        size = sum(len(value) + len(head) for _, value, head in records)
        if self._max_bytes is not None and known(topic).durable and self._held() + size > self._max_bytes:
            raise LogFull(f"memory log holds {self._held()} of {self._max_bytes} bytes; {size} more don't fit")
        at = self._clock()
        offsets = [held.add(key, value, head, at) for key, value, head in records]
        self._waiters.reached(topic, held.end)
        await asyncio.sleep(0)  # as with a real log, others run before the append returns
        return offsets

    async def read(self, topic: str, after: int, limit: int = 500) -> list[Record]:
        return self._topic(topic).after(after, limit)

    async def read_key(self, topic: str, key: str, after: int = 0, limit: int = 10_000) -> list[Record]:
        return self._topic(topic).of_key(key, after, limit)

    async def last(self, topic: str, key: str) -> Record | None:
        return self._topic(topic).last(key)

    async def wait(self, topic: str, after: int) -> None:
        self._topic(topic)
        await self._waiters.wait(topic, after)

    async def end(self, topic: str) -> int:
        return self._topic(topic).end

    async def committed(self, group: str, topic: str) -> int:
        self._topic(topic)
        return self._groups.get((group, topic), 0)

    async def commit(self, group: str, topic: str, offset: int) -> None:
        self._topic(topic)
        self._groups[group, topic] = offset

    async def drop_before(self, topic: str, unix_time: float) -> int:
        return self._topic(topic).drop_before(unix_time)

    async def close(self) -> None:
        self._closed = True
        self._waiters.close()

    def _held(self) -> int:
        return sum(topic.size for topic in self._topics.values() if known(topic.name).durable)

    def _topic(self, name: str) -> MemoryTopic:
        if self._closed:
            raise LogUnavailable("the log is closed")
        if name not in self._topics:
            self._topics[name] = MemoryTopic(name, None if known(name).durable else self._forget_after)
        return self._topics[name]
