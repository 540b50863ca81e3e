"""The hub: one tail for all desks, nobody waits for another, and a fault of the store is only a pause."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from console import hub as hub_module
from console.hub import Hub, Seat
from console.ports import PushRow, Unavailable
from console.session import DeskSession
from schemas.commands import Actor
from schemas.desk import Partial

ACTOR = Actor(user="u", login="u", name="u", role="supervisor")


class Rows:
    """The store's pushed rows alone."""

    def __init__(self) -> None:
        self.rows: list[PushRow] = []
        self.faults = 0  # how many reads fail from now on
        self.more = asyncio.Event()

    def write(self, n: int, stream: str = "queue") -> None:
        for _ in range(n):
            at = len(self.rows) + 1
            self.rows.append(
                PushRow(row=at, stream=stream, epoch="e", offset=at, kind="degraded", data={"flags": []}, at=0.0)
            )
        self.more.set()

    async def newest_row(self) -> int:
        return len(self.rows)

    async def rows_after(self, row: int, limit: int = 500) -> list[PushRow]:
        if self.faults:
            self.faults -= 1
            raise Unavailable("away")
        return self.rows[row : row + limit]

    async def wait_rows(self, row: int) -> None:
        while len(self.rows) <= row:
            self.more.clear()
            await self.more.wait()


class Words:
    """A feed of partials that may break off."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[Partial | Exception] = asyncio.Queue()

    async def follow(self) -> AsyncIterator[Partial]:
        while True:
            said = await self.said.get()
            if isinstance(said, Exception):
                raise said
            yield said


def seat_of(hub: Hub, stream: str) -> Seat:
    """A desk that follows a stream from its beginning."""
    session = DeskSession(0.0)
    session.authenticated(ACTOR, (), 0.0, "")
    session.received(b'{"t":"resume","stream":"%s","epoch":"e","offset":0}' % stream.encode(), 0.0)
    (ask,) = session.take_asks()
    session.recovered(ask, [])  # type: ignore[arg-type]
    while session.take():
        pass
    return hub.join(session)


async def read(seat: Seat, n: int) -> list[bytes]:
    """Reads n frames as a socket's sender does."""
    got: list[bytes] = []
    while len(got) < n:
        seat.frames.clear()
        while (frame := seat.session.take()) is not None:
            got.append(frame)
        if len(got) < n:
            async with asyncio.timeout(60):
                await seat.frames.wait()
    return got


@pytest.fixture
async def world(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Hub, Rows, Words]]:
    monkeypatch.setattr(hub_module, "FIRST_WAIT_S", 0.001)
    rows, words, stop = Rows(), Words(), asyncio.Event()
    hub = Hub(rows, words, asyncio.get_running_loop().time)  # type: ignore[arg-type]
    running = asyncio.create_task(hub.run(stop))
    await asyncio.sleep(0)
    yield hub, rows, words
    stop.set()
    await running


async def test_a_burst_of_two_thousand_rows_fills_no_queue_that_is_read(world: tuple[Hub, Rows, Words]) -> None:
    hub, rows, _ = world
    seats = [seat_of(hub, "queue") for _ in range(5)]
    reading = [asyncio.create_task(read(seat, 2000)) for seat in seats]
    await asyncio.sleep(0)
    rows.write(2000)
    got = await asyncio.gather(*reading)
    assert all(len(frames) == 2000 for frames in got)
    assert all(seat.session.closing is None for seat in seats)


async def test_a_desk_that_reads_nothing_is_full_and_the_others_get_300_of_300(world: tuple[Hub, Rows, Words]) -> None:
    hub, rows, _ = world
    stalled, *others = [seat_of(hub, "queue") for _ in range(4)]
    reading = [asyncio.create_task(read(seat, 300)) for seat in others]
    rows.write(300)
    assert [len(frames) for frames in await asyncio.gather(*reading)] == [300, 300, 300]
    assert stalled.session.closing is not None and stalled.session.closing.code == 4008


async def test_rows_written_while_the_store_was_away_are_not_lost(world: tuple[Hub, Rows, Words]) -> None:
    hub, rows, _ = world
    seat = seat_of(hub, "queue")
    rows.faults = 3
    rows.write(5)
    assert len(await read(seat, 5)) == 5


async def test_a_feed_of_partials_that_breaks_is_followed_again(world: tuple[Hub, Rows, Words]) -> None:
    hub, _, words = world
    seat = seat_of(hub, "call:c")
    words.said.put_nowait(RuntimeError("broken"))
    words.said.put_nowait(Partial(call="c", leg="caller", segment="s", rev=1, start_s=0.0, stable="好", unstable=""))
    (frame,) = await read(seat, 1)
    assert '"stable":"好"' in frame.decode()


async def test_a_row_is_measured_once_when_somebody_follows_its_stream() -> None:
    measured: list[Any] = []
    rows = Rows()
    hub = Hub(rows, Words(), lambda: 0.0, measured.append)  # type: ignore[arg-type]
    seat_of(hub, "queue"), seat_of(hub, "queue")
    rows.write(1)
    rows.write(1, stream="floor")
    for row in rows.rows:
        hub.hand_out(row)
    assert [row.stream for row in measured] == ["queue"]


def test_a_revoked_sign_in_closes_its_sockets_alone() -> None:
    hub = Hub(Rows(), Words(), lambda: 0.0)  # type: ignore[arg-type]
    mine, other = seat_of(hub, "queue"), seat_of(hub, "queue")
    mine.token, other.token = "t1", "t2"
    hub.revoke("t1")
    assert mine.session.closing is not None and mine.session.closing.code == 4401
    assert other.session.closing is None and mine.work.is_set()
