"""One stream followed by one desk session: where it stands, and what it must ask for when it is behind."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import msgspec

from console.ports import PushRow


class Recover(msgspec.Struct, frozen=True):
    """Ask: may this stream be followed, and which rows came after? Answer: `recovered`, `lost` or `refused`."""

    stream: str
    epoch: str  # "" = no position: a snapshot is wanted
    offset: int
    n: int  # only the answer to the newest ask counts
    announce: bool  # the page asked and is told; False: we mend it by ourselves


class Following:
    """Promise: `takes` is true for exactly the next row; rows that pass by while an answer is awaited are asked for.

    States: asking (an ask is out) → catching up (`backlog` drains at the socket's pace) → live.
    """

    def __init__(self, stream: str, epoch: str, offset: int, now: float, numbers: Iterator[int]) -> None:
        self.stream = stream
        self.epoch = epoch
        self.offset = offset  # newest row sent, or position of the snapshot
        self.granted = False  # the right is confirmed
        self.backlog: deque[PushRow] = deque()
        self.retry: Recover | None = None  # an ask the store did not answer
        self._asking: Recover | None = None
        self._numbers = numbers
        self._passed: tuple[str, int] = ("", -1)  # epoch, offset of the newest row that passed by meanwhile
        self._checked = now

    def ask(self, announce: bool = False) -> Recover:
        self._asking = Recover(self.stream, self.epoch, self.offset, next(self._numbers), announce)
        return self._asking

    def answers(self, ask: Recover) -> bool:
        return self._asking == ask

    def catch_up(self, rows: list[PushRow]) -> None:
        self._asking, self.granted = None, True
        self.backlog.extend(rows)

    def restart(self, epoch: str, offset: int) -> None:
        self._asking, self.granted = None, True
        self.epoch, self.offset = epoch, offset

    def takes(self, row: PushRow) -> bool:
        """The row is the very next one, and nothing stands before it."""
        live = self._asking is None and not self.backlog
        return live and row.epoch == self.epoch and row.offset == self.offset + 1

    def sent(self, row: PushRow) -> None:
        self.epoch, self.offset = row.epoch, row.offset

    def behind(self, row: PushRow) -> Recover | None:
        """A row that can't be sent now. Gives an ask when it shows a hole, or that the right must be asked anew."""
        if row.epoch == self.epoch and row.offset <= self.offset:
            return None  # known already
        if self._asking is not None or self.backlog:
            self._passed = (row.epoch, row.offset)
            return None
        return self.ask()

    def settle(self) -> Recover | None:
        """After the backlog went out: gives an ask when rows passed by that were not in it."""
        if self._asking is not None or self.backlog:
            return None
        epoch, offset = self._passed
        self._passed = ("", -1)
        if offset < 0 or (epoch == self.epoch and offset <= self.offset):
            return None
        return self.ask()

    def due(self, now: float, every_s: float) -> Recover | None:
        """Once in a while right and position are asked anew; an ask left unanswered at once."""
        if self.retry is not None:
            again, self.retry = self.retry, None
            return again if self._asking == again else None
        if self._asking is not None or self.backlog or now - self._checked < every_s:
            return None
        self._checked = now
        return self.ask()
