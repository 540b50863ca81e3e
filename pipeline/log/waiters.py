"""The log's bell: who waits for a topic is woken as soon as a record stands in it, whichever thread wrote it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import defaultdict

from pipeline.log.ports import LogUnavailable


class Waiters:
    """Wakes every waiter whose offset has been passed; none is woken twice, none is forgotten at the end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, list[tuple[int, asyncio.Future[None]]]] = defaultdict(list)
        self._end: dict[str, int] = {}
        self._closed = False

    def reached(self, topic: str, offset: int) -> None:
        """Records up to `offset` can be read now. Callable from any thread."""
        with self._lock:
            self._end[topic] = max(offset, self._end.get(topic, 0))
            waiting = self._waiting.get(topic)
            if not waiting:
                return
            woken = [future for after, future in waiting if after < offset]
            self._waiting[topic] = [(after, future) for after, future in waiting if after >= offset]
        for future in woken:
            _from_any_thread(future, None)

    async def wait(self, topic: str, after: int) -> None:
        """Returns once a record with offset > `after` can be read."""
        with self._lock:
            if self._end.get(topic, 0) > after:
                return
            if self._closed:
                raise LogUnavailable("the log is closed")
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting[topic].append((after, future))
        try:
            await future
        finally:
            with self._lock:
                self._waiting[topic] = [pair for pair in self._waiting[topic] if pair[1] is not future]

    def close(self) -> None:
        """Ends every wait with LogUnavailable."""
        with self._lock:
            self._closed = True
            futures = [future for waiting in self._waiting.values() for _, future in waiting]
            self._waiting.clear()
        for future in futures:
            _from_any_thread(future, LogUnavailable("the log is closed"))


def _from_any_thread(future: asyncio.Future[None], error: Exception | None) -> None:
    def settle() -> None:
        if future.done():
            return
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)

    with contextlib.suppress(RuntimeError):  # the waiter's loop is closed: nobody waits any more
        future.get_loop().call_soon_threadsafe(settle)
