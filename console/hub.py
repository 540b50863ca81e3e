"""Between the store and all desks: one tail of the pushed rows, one follow of the partials, handed to every session.

The obvious way, a loop that awaits each socket in turn, lets one stalled browser starve all others. Here nothing is
awaited while handing out: a row goes into each session's own bounded queue, and a session that is full is closed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from console.ports import DeskStore, PartialFeed, PushRow, Unavailable
from console.session import DeskSession, encode, pushed_frame
from schemas.desk import Partial

LOOK_EVERY_S = 5.0  # the table is read at least this often, should a notification get lost
AT_ONCE = 16  # rows handed out before the sockets get a turn: a burst must not fill the queue of one that reads well
FIRST_WAIT_S, LONGEST_WAIT_S = 0.2, 5.0  # pause after a fault

_log = structlog.get_logger(__name__)


class Seat:
    """A session and the two alarms of its socket: frames wait, or there is something else to do."""

    def __init__(self, session: DeskSession, token: str = "") -> None:
        self.session = session
        self.token = token  # hash of the sign-in it stands on; "" before the ticket
        self.frames = asyncio.Event()
        self.work = asyncio.Event()

    def wake(self) -> None:
        self.frames.set()
        self.work.set()


class Hub:
    """Promise: every session gets every row and the newest partial; none waits for another."""

    def __init__(
        self,
        store: DeskStore,
        partials: PartialFeed,
        clock: Callable[[], float],
        delivered: Callable[[PushRow], None] = lambda row: None,
    ) -> None:
        self._store = store
        self._partials = partials
        self._clock = clock  # monotonic seconds
        self._delivered = delivered
        self._seats: set[Seat] = set()
        self._row = -1  # newest row handed out
        self.looked = clock()  # when the table was last read
        self.slow_closes = 0

    def __len__(self) -> int:
        return len(self._seats)

    @property
    def waiting(self) -> int:
        """Sockets that have not shown a good ticket yet."""
        return sum(seat.session.actor is None for seat in self._seats)

    def join(self, session: DeskSession) -> Seat:
        self._seats.add(seat := Seat(session))
        return seat

    def leave(self, seat: Seat) -> None:
        self._seats.discard(seat)
        if seat.session.closing is not None and seat.session.closing.code == 4008:
            self.slow_closes += 1

    def revoke(self, token: str) -> None:
        """A sign-in ended here: its sockets end now, not at their next check."""
        for seat in self._seats:
            if seat.token == token:
                seat.session.close(4401, "signed out")
                seat.wake()

    def drain(self, code: int = 1001) -> None:
        """The server goes down: every page reconnects elsewhere or later."""
        for seat in self._seats:
            seat.session.close(code, "drain")
            seat.wake()

    async def run(self, stop: asyncio.Event) -> None:
        """Hands out until `stop`. A store or a log that fails is asked again after a growing pause."""
        parts = [asyncio.create_task(self._again(self._tail)), asyncio.create_task(self._again(self._follow))]
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({*parts, stopping}, return_when=asyncio.FIRST_COMPLETED)
            for part in parts:
                if part.done():
                    part.result()
        finally:
            for task in (*parts, stopping):
                task.cancel()
            await asyncio.gather(*parts, stopping, return_exceptions=True)

    async def _again(self, part: Callable[[], Coroutine[Any, Any, None]]) -> None:
        wait = FIRST_WAIT_S
        while True:
            started = self._clock()
            try:
                await part()
            except Unavailable:
                _log.warning("no answer", part=part.__name__, again_in_s=wait)
            except Exception as error:
                _log.error("part failed", part=part.__name__, error=type(error).__name__, again_in_s=wait)
            if self._clock() - started > LONGEST_WAIT_S:
                wait = FIRST_WAIT_S
            await asyncio.sleep(wait)
            wait = min(wait * 2, LONGEST_WAIT_S)

    async def _tail(self) -> None:
        if self._row < 0:
            self._row = await self._store.newest_row()
        while True:
            for n, row in enumerate(await self._store.rows_after(self._row), start=1):
                self.hand_out(row)
                self._row = row.row
                if n % AT_ONCE == 0:
                    await asyncio.sleep(0)
            self.looked = self._clock()
            try:
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._store.wait_rows(self._row)
            except TimeoutError:
                continue

    async def _follow(self) -> None:
        async for partial in self._partials.follow():
            self.hand_out_partial(partial)

    def hand_out(self, row: PushRow) -> None:
        """A row into the queue of every session that follows its stream."""
        frame: bytes | None = None
        for seat in self._seats:
            if seat.session.follows(row.stream):
                frame = frame if frame is not None else pushed_frame(row)
                seat.session.row(row, frame)
                seat.wake()
        if frame is not None:
            self._delivered(row)

    def hand_out_partial(self, partial: Partial) -> None:
        """A partial into the queue of every session that follows its call."""
        frame: bytes | None = None
        for seat in self._seats:
            if seat.session.follows(f"call:{partial.call}"):
                frame = frame if frame is not None else encode(partial)
                seat.session.partial(partial, frame)
                seat.wake()
