"""The writer of one log file: a thread that gathers what arrives while the disk is busy and commits it in one go."""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from typing import Any

from pipeline.log.ports import LogFull, LogUnavailable
from pipeline.log.sqlite_file import LogFile, Row

_BATCH_BYTES = 8 << 20  # one transaction stays below this, so that nobody waits long for its commit


class _Job:
    """Records of one append, or a group's offset, or work of its own; settles the future of who asked."""

    __slots__ = ("future", "group", "records", "result", "size", "topic", "work")

    def __init__(self, future: asyncio.Future[Any], size: int) -> None:
        self.future = future
        self.size = size
        self.topic = ""
        self.records: Sequence[tuple[str, bytes, bytes]] = ()
        self.group: tuple[str, str, int] | None = None
        self.work: Callable[[], Any] | None = None
        self.result: Any = None


class GroupCommit:
    """An append resolves after its COMMIT and never before; the first one flushes at once, others ride together.

    In flight are at most `max_inflight` bytes; beyond that appends raise LogFull at once.
    """

    def __init__(
        self,
        file: LogFile,
        *,
        max_inflight: int,  # bytes handed in and not yet committed
        clock: Callable[[], float],  # unix seconds
        on_written: Callable[[str, int], None],  # (topic, offset of its newest record), from the writer's thread
    ) -> None:
        self._file = file
        self._max_inflight = max_inflight
        self._clock = clock
        self._on_written = on_written
        self.ends = file.ends()
        self.progress = file.progress()
        self._jobs: deque[_Job] = deque()
        self._inflight = 0
        self._state = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=f"log-{file.path.stem}", daemon=True)
        self._thread.start()

    async def append(self, topic: str, records: Sequence[tuple[str, bytes, bytes]]) -> list[int]:
        size = sum(len(value) + len(head) + len(key) for key, value, head in records)
        job = _Job(asyncio.get_running_loop().create_future(), size)
        job.topic, job.records = topic, records
        offsets: list[int] = await self._submit(job)
        return offsets

    async def commit(self, group: str, topic: str, offset: int) -> None:
        job = _Job(asyncio.get_running_loop().create_future(), 0)
        job.group = (group, topic, offset)
        await self._submit(job)

    async def drop_before(self, topic: str, unix_time: float) -> int:
        dropped = 0
        while True:  # in pieces, each a job of its own: appends pass in between
            job = _Job(asyncio.get_running_loop().create_future(), 0)
            job.work = lambda: self._file.drop_some(topic, unix_time)
            some: int = await self._submit(job)
            if not some:
                return dropped
            dropped += some

    async def close(self) -> None:
        """Commits everything handed in, then ends the thread."""
        with self._state:
            self._stopping = True
            self._state.notify()
        await asyncio.to_thread(self._thread.join)

    def _submit(self, job: _Job) -> asyncio.Future[Any]:
        with self._state:
            if self._stopping:
                raise LogUnavailable("the log is closed")
            if job.size and self._inflight and self._inflight + job.size > self._max_inflight:
                raise LogFull(f"{self._inflight} bytes wait for {self._file.path.name}; {job.size} more are too many")
            self._inflight += job.size
            self._jobs.append(job)
            self._state.notify()
        return job.future

    def _run(self) -> None:
        while True:
            with self._state:
                while not self._jobs and not self._stopping:
                    self._state.wait()
                batch = self._take()
            if not batch:
                break
            error = self._write(batch)
            with self._state:
                self._inflight -= sum(job.size for job in batch)
            _settle(batch, error)

    def _take(self) -> list[_Job]:
        """What has gathered, up to one transaction's worth; work of its own travels alone."""
        batch: list[_Job] = []
        size = 0
        while self._jobs and (not batch or size < _BATCH_BYTES):
            if self._jobs[0].work is not None and batch:
                break
            job = self._jobs.popleft()
            batch.append(job)
            size += job.size
            if job.work is not None:
                break
        return batch

    def _write(self, batch: list[_Job]) -> Exception | None:
        try:
            work = batch[0].work
            if work is not None:
                batch[0].result = work()
                return None
            rows: dict[str, list[Row]] = defaultdict(list)
            ends: dict[str, int] = {}
            progress: dict[tuple[str, str], int] = {}
            at = self._clock()
            for job in batch:
                if job.group is not None:
                    group, topic, offset = job.group
                    progress[group, topic] = offset
                    continue
                end = ends.get(job.topic, self.ends[job.topic])
                job.result = list(range(end + 1, end + 1 + len(job.records)))
                ends[job.topic] = end + len(job.records)
                rows[job.topic] += [
                    (offset, key, head, value, at)
                    for offset, (key, value, head) in zip(job.result, job.records, strict=True)
                ]
            self._file.write(rows, progress)
        except Exception as error:  # the thread outlives any fault: each append hears of it by name
            return error if isinstance(error, LogFull | LogUnavailable) else LogUnavailable(f"{error!r}")
        self.ends.update(ends)
        self.progress.update(progress)
        for topic, end in ends.items():
            self._on_written(topic, end)
        return None


def _settle(batch: list[_Job], error: Exception | None) -> None:
    """Wakes every asker on his own loop, with one call per loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Job]] = defaultdict(list)
    for job in batch:
        by_loop[job.future.get_loop()].append(job)

    def settle(jobs: list[_Job]) -> None:
        for job in jobs:
            if job.future.done():  # the asker has gone
                continue
            if error is None:
                job.future.set_result(job.result)
            else:
                job.future.set_exception(type(error)(*error.args))

    for loop, jobs in by_loop.items():
        try:
            loop.call_soon_threadsafe(settle, jobs)
        except RuntimeError:
            continue  # the asker's loop is closed: nobody waits any more
