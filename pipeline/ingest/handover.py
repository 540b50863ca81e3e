"""From one life of a door to the next: which calls were open, so that each goes on or ends, after a kill -9 too."""

from __future__ import annotations

import contextlib

from pipeline.ingest.moment import Moment
from pipeline.ingest.ports import CallLog
from pipeline.ingest.switchboard import Switchboard
from pipeline.log.ports import LogFull, LogUnavailable


class Handover:
    """What the next life of a door must look at is always noted in the log."""

    def __init__(self, log: CallLog, board: Switchboard) -> None:
        self._log = log
        self._board = board

    async def take_up(self, now: Moment) -> None:
        """Adopts the calls an earlier life left open. Raises LogUnavailable."""
        for id, past in await self._log.left_open(self._board.door):
            if past.started is not None and past.started.door == self._board.door and not past.ended:
                self._board.adopt(id, past.started, past, now)

    async def mark(self) -> None:
        """Notes from where the next life must look. A log that takes nothing keeps the older mark, which is as good."""
        with contextlib.suppress(LogFull, LogUnavailable):
            oldest = self._board.oldest_open
            if oldest is None and self._board.calls:
                return  # a start is on its way
            await self._log.mark(self._board.door, oldest)
