"""The watch over trends at work: every confirmed ticket is met in its order, every episode is written down once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import structlog

from agents.trends import Told, Trends, newest
from console.ports import Unavailable
from pipeline.failpoint import passing
from pipeline.store import trend_rows
from pipeline.store.sql_store import SqlStore
from pipeline.store.trend_rows import Fed, Memory

LOOK_S = 1.0  # how often new tickets are looked for
MOST = 100  # tickets per round
KEPT_EVERY = 500  # tickets after which the memory is written down
LEARN_D = 120.0  # days of the record a watch without memory begins with
log_line = structlog.get_logger("trends")


class TrendRecorder:
    """One alert per episode, whoever works and however often: ids and revisions follow from the tickets alone.

    What was folded after the memory was last written down is folded again at the next start, to the same effect; two
    who work at once write the same rows.
    """

    def __init__(self, store: SqlStore, make: Callable[[bytes], Trends]) -> None:
        """`make`: the watch, given its memory."""
        self._store, self._make = store, make
        self._trends = make(b"")
        self._at = self._kept = 0
        self._since = ""
        self._loaded = False

    async def run(self, stop: asyncio.Event) -> None:
        """Watches until `stop`; a database away is waited for."""
        self._loaded = False
        while not stop.is_set():
            try:
                if await self.drain():
                    continue
            except Unavailable as error:
                log_line.warning("trends_wait", reason=type(error).__name__)
                self._loaded = False  # what was folded and not written is met again
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_S)
        if self._loaded and self._at > self._kept:
            with contextlib.suppress(Unavailable):
                await self._keep()

    async def drain(self, most: int = MOST) -> int:
        """Meets the next tickets; returns how many."""
        if not self._loaded or self._at == 0:  # of a long past that comes in at once only the end is learned from
            await self._load()
        found = await self._store.read(lambda c: trend_rows.fed(c, self._at, most))
        if not found:
            return 0
        told = await asyncio.to_thread(self._fold, found)
        if told:
            fresh = await self._store.write(lambda tx: trend_rows.write(tx, told, self._since))
            if fresh:
                log_line.info("episodes_opened", count=fresh)
        passing("trends.after_write")
        self._at = found[-1].no
        if self._at - self._kept >= KEPT_EVERY:
            await self._keep()
        return len(found)

    def _fold(self, found: list[Fed]) -> list[Told]:
        told: list[Told] = []
        for one in found:
            if one.ticket is None:
                continue
            told += self._trends.meet(one.ticket, self._store.house.keyed(one.number)[:16])
        return newest(told)

    async def _load(self) -> None:
        """Takes up the memory. One made under other rules is made anew from the record; what was told stays as told."""
        held = await self._store.read(trend_rows.memory)
        self._trends = self._make(b"")
        if held is not None and held.rules == self._trends.mark:
            self._trends = self._make(held.state)
            self._at = self._kept = held.no
            self._since = held.since
        else:
            self._at = self._kept = await self._store.read(lambda c: trend_rows.before(c, LEARN_D))
            no = held.no if held is not None else 0
            self._since = await self._store.read(lambda c: trend_rows.made_at(c, no)) if no else ""
        self._loaded = True

    async def _keep(self) -> None:
        state = await asyncio.to_thread(self._trends.remembered)
        held = Memory(self._at, self._trends.mark, self._since, state)
        await self._store.write(lambda tx: trend_rows.remember(tx, held))
        self._kept = self._at
