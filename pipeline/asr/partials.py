"""The way out for partial text: of each leg only the newest waits, and what the log can't take is let go."""

from __future__ import annotations

import asyncio

from pipeline.log.ports import Log, LogFull, LogUnavailable
from schemas import Event
from schemas.calls import PartialHeard, UtteranceHeard
from schemas.codec import encode
from schemas.topics import PARTIALS


class PartialOutbox:
    """Puts partials into the log one by one. Promise: it holds at most one per leg, and never stops anyone else."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._newest: dict[tuple[str, str], Event] = {}
        self._any = asyncio.Event()

    def show(self, event: Event) -> None:
        """Takes a leg's newest partial; an older one that still waits is replaced."""
        body = event.body
        assert isinstance(body, PartialHeard)
        self._newest[event.call, body.leg] = event
        self._any.set()

    def withdraw(self, final: UtteranceHeard, call: str) -> None:
        """A final is out: a partial of its own segment that still waits must not come after it."""
        waiting = self._newest.get((call, final.leg))
        if waiting is not None and waiting.body.start_s < final.end_s:
            del self._newest[call, final.leg]

    async def run(self) -> None:
        """Works until cancelled."""
        while True:
            await self._any.wait()
            self._any.clear()
            while self._newest:
                event = self._newest.pop(next(iter(self._newest)))
                try:
                    await self._log.append(PARTIALS, event.call, encode(event))
                except (LogFull, LogUnavailable):
                    continue
