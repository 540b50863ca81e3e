"""From one life of a door to the next: which calls were open, so that each goes on or ends, after a kill -9 too."""

from __future__ import annotations

import contextlib

from pipeline.ingest.moment import Moment
from pipeline.ingest.past import open_calls, past_of
from pipeline.ingest.switchboard import Switchboard
from pipeline.log.ports import Log, LogFull, LogUnavailable
from schemas.topics import CALLS


class Handover:
    """The group's offset in topic `calls` lies before the oldest call that has not ended, always."""

    def __init__(self, log: Log, board: Switchboard) -> None:
        self._log = log
        self._board = board
        self._group = f"door.{board.door}"
        self._marked = 0

    async def take_up(self, now: Moment) -> None:
        """Adopts the calls an earlier life left open. Raises LogUnavailable."""
        self._marked = await self._log.committed(self._group, CALLS)
        for id in await open_calls(self._log, self._marked):
            past = await past_of(self._log, id)
            if past.started is not None and past.started.door == self._board.door and not past.ended:
                self._board.adopt(id, past.started, past, now)

    async def mark(self) -> None:
        """Notes from where the next life must look. A log that takes nothing keeps the older mark, which is as good."""
        with contextlib.suppress(LogFull, LogUnavailable):
            end = await self._log.end(CALLS)
            oldest = self._board.oldest_open
            if oldest is None and self._board.calls:
                return  # a start is on its way
            mark = end if oldest is None else oldest - 1
            if mark != self._marked:
                await self._log.commit(self._group, CALLS, mark)
                self._marked = mark
