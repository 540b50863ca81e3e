"""Relay, after a decision: publishes the outbox to the log. At least once; ids from the command make once of it."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from console.ports import Unavailable
from pipeline.failpoint import passing
from pipeline.log.ports import LogFull, LogUnavailable, LogWrites
from pipeline.record.pausing import pause
from pipeline.store.sql_store import SqlStore

LOOK_S = 0.5  # how often decisions of another process are looked for
MOST = 200  # events per round
PAUSES_S = (0.05, 0.2, 0.5, 1.0)  # between tries while database or log are away
log_line = structlog.get_logger("relay")


class Relay:
    """Every decided fact reaches the log, in the order of the decisions."""

    def __init__(self, log: LogWrites, store: SqlStore) -> None:
        self._log = log
        self._store = store

    async def run(self, stop: asyncio.Event) -> None:
        """Publishes until `stop`; woken by the store, and looking by itself for other processes' decisions."""
        tries = 0
        while not stop.is_set():
            heard = self._store.outbox.newest
            try:
                await self.drain()
                tries = 0
                await pause(self._store.wait_outbox(heard, LOOK_S), stop)
            except (Unavailable, LogUnavailable, LogFull) as error:
                log_line.warning("relay_waits", reason=type(error).__name__)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), PAUSES_S[min(tries, len(PAUSES_S) - 1)])
                tries += 1

    async def drain(self) -> int:
        """Publishes all that waits now; returns how many events."""
        total = 0
        while waiting := await self._store.waiting_events(MOST):
            for event in waiting:
                await self._log.append(event.topic, event.key, event.data)
            passing("relay.after_append")
            # only what the log holds for sure is marked; killed in between, it goes out twice with the same ids
            await self._store.mark_sent([event.seq for event in waiting])
            total += len(waiting)
        return total
