"""Keeps the long-running parts of one process alive: a part that fails is started again, and the fault is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
Part = Callable[[asyncio.Event], Awaitable[None]]  # runs until the event is set

_log = structlog.get_logger(__name__)


class Supervisor:
    """Promise: no part's failure ends another part; a failed one is back after a growing pause, and `down` names it."""

    def __init__(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        self._sleep = sleep
        self._parts: list[tuple[str, asyncio.Event, asyncio.Task[None]]] = []
        self.down: dict[str, str] = {}  # part → the kind of fault it is recovering from
        self.restarts = 0

    def start(self, name: str, part: Part) -> None:
        """Starts a part. Parts are stopped in the reverse order of their start."""
        stop = asyncio.Event()
        self._parts.append((name, stop, asyncio.create_task(self._keep(name, part, stop), name=name)))

    async def _keep(self, name: str, part: Part, stop: asyncio.Event) -> None:
        wait = FIRST_WAIT_S
        while not stop.is_set():
            try:
                await part(stop)
                self.down.pop(name, None)
                return
            except Exception as error:
                # The message of an exception may hold what a caller said: only its kind and place are logged.
                self.down[name] = type(error).__name__
                self.restarts += 1
                _log.error("part failed", part=name, error=type(error).__name__, place=_place(error), again_in_s=wait)
                stopping = asyncio.ensure_future(stop.wait())
                pause = asyncio.ensure_future(self._sleep(wait))
                await asyncio.wait({stopping, pause}, return_when=asyncio.FIRST_COMPLETED)
                stopping.cancel()
                pause.cancel()
                wait = min(wait * 2, LONGEST_WAIT_S)

    async def stop(self, deadline_s: float = 10.0) -> list[str]:
        """Stops all parts, last started first. Returns the names of those that had to be cancelled."""
        cut: list[str] = []
        for name, stop, task in reversed(self._parts):
            stop.set()
            _, pending = await asyncio.wait({task}, timeout=deadline_s)
            if pending:
                cut.append(name)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        self._parts.clear()
        return cut


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rsplit('/', 3)[-1]}:{trace.tb_lineno}" if trace else ""
