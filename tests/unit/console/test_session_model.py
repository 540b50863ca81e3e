"""Whatever happens between store, tail and page, a stream arrives once, in order and whole, or a snapshot is named."""

from __future__ import annotations

from collections import deque

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from console.following import Recover
from console.ports import PushRow
from console.session import DeskSession, pushed_frame
from schemas.commands import Actor

STREAM = "queue"
KEPT = 12  # rows a resume may miss at most, in this small world
ACTOR = Actor(user="u", login="u", name="u", role="supervisor")


class OneStream(RuleBasedStateMachine):
    """The store writes; a tail tells late, twice or with holes; asks are answered late; the page reads at its pace."""

    def __init__(self) -> None:
        super().__init__()
        self.epoch, self.newest = 1, 0
        self.untold: deque[PushRow] = deque()
        self.asks: deque[Recover] = deque()
        self.session = DeskSession(0.0)
        self.session.authenticated(ACTOR, (), 0.0, "")
        self.page = ("", 0)  # epoch, offset as the page knows them
        self.resume()

    def row(self, offset: int) -> PushRow:
        return PushRow(
            row=offset, stream=STREAM, epoch=str(self.epoch), offset=offset, kind="degraded", data={"flags": []}, at=0.0
        )

    @rule(n=st.integers(1, 5))
    def the_store_writes(self, n: int) -> None:
        for _ in range(n):
            self.newest += 1
            self.untold.append(self.row(self.newest))

    @rule()
    def the_history_is_lost(self) -> None:
        self.epoch, self.newest = self.epoch + 1, 0
        self.untold.clear()

    @rule(n=st.integers(1, 8))
    def the_tail_tells(self, n: int) -> None:
        for _ in range(min(n, len(self.untold))):
            told = self.untold.popleft()
            self.session.row(told, pushed_frame(told))

    @rule()
    def the_tail_skips_a_row(self) -> None:
        if self.untold:
            self.untold.popleft()

    @rule()
    def the_tail_repeats_an_old_row(self) -> None:
        if self.newest:
            told = self.row(max(1, self.newest - 3))
            if all(told.offset < waiting.offset for waiting in self.untold):
                self.session.row(told, pushed_frame(told))

    @rule()
    def the_store_answers(self) -> None:
        self.asks.extend(self.session.take_asks())  # type: ignore[arg-type]
        if not self.asks:
            return
        ask = self.asks.popleft()
        missed = self.newest - ask.offset
        if ask.epoch == str(self.epoch) and 0 <= missed <= KEPT:
            self.session.recovered(ask, [self.row(n) for n in range(ask.offset + 1, self.newest + 1)])
        else:
            self.session.lost(ask, str(self.epoch), self.newest)

    @rule(n=st.integers(1, 6))
    def the_page_reads(self, n: int) -> None:
        for _ in range(n):
            if (data := self.session.take()) is not None:
                self.read(msgspec.json.decode(data))

    @rule()
    def resume(self) -> None:
        body = {"t": "resume", "stream": STREAM, "epoch": self.page[0], "offset": self.page[1]}
        # what was on its way belongs to the position before: a page that resumes on a new socket never sees it
        while self.session.take() is not None:
            pass
        self.session._requests.clear()
        self.session.received(msgspec.json.encode(body), 0.0)

    def read(self, frame: dict) -> None:
        if frame["t"] == "recovered":
            if frame["recovered"]:
                assert (frame["epoch"], frame["offset"]) == self.page
            self.page = (frame["epoch"], frame["offset"])
        elif frame["t"] == "pushed":
            assert (frame["epoch"], frame["offset"]) == (self.page[0], self.page[1] + 1), "a hole or a repeat"
            self.page = (frame["epoch"], frame["offset"])

    @invariant()
    def never_closed(self) -> None:
        assert self.session.closing is None

    def teardown(self) -> None:
        """After quiet, the page stands where the store stands."""
        self.the_store_writes(1)
        self.the_tail_tells(10_000)
        for _ in range(len(self.asks) + 60):
            self.the_store_answers()
            self.the_page_reads(200)
        assert self.page == (str(self.epoch), self.newest)


TestOneStream = OneStream.TestCase
TestOneStream.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
