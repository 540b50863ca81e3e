"""Store: wakes those who wait for pushed rows or for the outbox, from whatever thread the commit came."""

from __future__ import annotations

import asyncio
import contextlib


class Bell:
    """Rings with a number that only rises; `wait(n)` returns once a number beyond n was rung."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._newest = 0
        self._waiting: set[asyncio.Future[None]] = set()

    @property
    def newest(self) -> int:
        return self._newest

    def ring(self, number: int) -> None:
        """Called on any thread."""
        loop = self._loop
        if loop is None or loop.is_closed():
            self._newest = max(self._newest, number)
            return
        with contextlib.suppress(RuntimeError):  # the loop closed this moment: nobody waits
            loop.call_soon_threadsafe(self._rung, number)

    def _rung(self, number: int) -> None:
        self._newest = max(self._newest, number)
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    async def wait(self, after: int, at_most_s: float) -> bool:
        """True when something beyond `after` was rung; False when only the time passed."""
        self._loop = asyncio.get_running_loop()
        if self._newest > after:
            return True
        future: asyncio.Future[None] = self._loop.create_future()
        self._waiting.add(future)
        try:
            await asyncio.wait_for(future, at_most_s)
        except TimeoutError:
            return False
        finally:
            self._waiting.discard(future)
        return self._newest > after
