"""Whatever is delivered, twice, late or not at all: a stage meets each record of its lane once, in order."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from agents.faust_binding import Delivered
from pipeline.log.ports import Record
from pipeline.run.delivered import MOST_AHEAD, DeliveredLane
from schemas.topics import CALLS


class Kept:
    """A lane as far as it is asked here, and its notes: offsets from 1, some of them forgotten."""

    number = 0

    def __init__(self, offsets: list[int]) -> None:
        self.offsets = offsets
        self.done = 0
        self.asked = 0

    async def between(self, topic: str, after: int, before: int = 0, limit: int = 500) -> list[Record]:
        self.asked += 1
        found = [n for n in self.offsets if after < n and (not before or n < before)]
        return [record(n) for n in found[:limit]]

    async def committed(self, group: str, topic: str, lane: int) -> int:
        return self.done

    def note(self, group: str, topic: str, lane: int, offset: int) -> None:
        self.done = offset


def record(n: int) -> Record:
    return Record(topic=CALLS, key="call", offset=n, value=b"%d" % n, at=0.0)


class Brought:
    """Deliveries, with what Faust was told of them."""

    def __init__(self) -> None:
        self.done: list[int] = []

    def of(self, n: int) -> Delivered:
        return Delivered(
            topic=CALLS,
            partition=0,
            offset=n - 1,
            key=b"call",
            value=b"%d" % n,
            at=0.0,
            done=lambda: self.done.append(n),
        )


def lane(kept: Kept) -> DeliveredLane:
    return DeliveredLane(kept, CALLS, kept)  # type: ignore[arg-type]


async def drain(over: DeliveredLane, position: int, limit: int) -> list[int]:
    met: list[int] = []
    while records := await over.read(CALLS, position, limit):
        met += [r.offset for r in records]
        position = met[-1]
        await over.commit("g", CALLS, position)
    return met


@given(
    there=st.lists(st.integers(1, 30), unique=True, min_size=1).map(sorted),
    deliveries=st.lists(st.integers(0, 29), max_size=60),
    taken=st.integers(0, 30),
    limit=st.integers(1, 7),
)
def test_each_record_once_in_order(there: list[int], deliveries: list[int], taken: int, limit: int) -> None:
    """`there`: what the lane keeps in the end; `taken`: how many deliveries came before the first read."""

    async def run() -> None:
        brought, kept = Brought(), Kept([])
        over = lane(kept)
        over.resume()
        met: list[int] = []
        for n, place in enumerate(deliveries):
            offset = there[place % len(there)]
            kept.offsets = [k for k in there if k <= max([offset, *kept.offsets])]
            await over.deliver(brought.of(offset))
            if n >= taken:
                met += await drain(over, met[-1] if met else 0, limit)
        met += await drain(over, met[-1] if met else 0, limit)
        assert met == kept.offsets
        assert set(brought.done) <= set(met)

    asyncio.run(run())


async def test_what_came_in_order_is_not_looked_up() -> None:
    kept, brought = Kept([]), Brought()
    over = lane(kept)
    over.resume()
    assert await over.read(CALLS, 0) == []  # caught up
    asked = kept.asked
    for n in (1, 2, 3):
        await over.deliver(brought.of(n))
    assert await drain(over, 0, 10) == [1, 2, 3]
    assert kept.asked == asked
    assert brought.done == [1, 2, 3]


async def test_a_lane_taken_again_is_read_to_its_end_though_nothing_is_delivered() -> None:
    kept = Kept([1])
    over = lane(kept)
    over.resume()
    assert await drain(over, 0, 10) == [1]
    await over.pause()
    kept.offsets = [1, 2, 3]  # delivered to somebody who died
    assert await over.read(CALLS, 1) == []
    over.resume()
    await asyncio.wait_for(over.wait(CALLS, 1), 5)
    assert await drain(over, 1, 10) == [2, 3]


async def test_a_pause_waits_for_what_is_under_way_and_leaves_out_what_comes() -> None:
    kept, brought = Kept([1, 2]), Brought()
    over = lane(kept)
    over.resume()
    assert [r.offset for r in await over.read(CALLS, 0, 1)] == [1]
    pausing = asyncio.ensure_future(over.pause())
    await over.deliver(brought.of(2))
    await asyncio.sleep(0)
    assert not pausing.done()
    await over.commit("g", CALLS, 1)
    assert await over.read(CALLS, 1) == []  # nothing more while paused
    await asyncio.wait_for(pausing, 5)
    over.resume()
    assert await drain(over, 1, 10) == [2]


async def test_who_brings_more_than_there_is_room_for_waits() -> None:
    kept, brought = Kept([]), Brought()
    over = lane(kept)
    over.resume()
    assert await over.read(CALLS, 0) == []
    for n in range(1, MOST_AHEAD + 1):
        await over.deliver(brought.of(n))
    late = asyncio.ensure_future(over.deliver(brought.of(MOST_AHEAD + 1)))
    await asyncio.sleep(0)
    assert not late.done()
    assert len(await drain(over, 0, 50)) >= MOST_AHEAD
    await asyncio.wait_for(late, 5)


async def test_what_a_fetch_that_stands_still_never_brings_is_looked_up() -> None:
    kept = Kept([1, 2])
    over = lane(kept)
    over.resume()
    assert await drain(over, 0, 10) == [1, 2]
    kept.offsets += [3, 4]  # appended, and nobody brings them
    waiting = asyncio.ensure_future(over.wait(CALLS, 2))
    await asyncio.sleep(0)
    assert not waiting.done()
    over.look_up()
    await asyncio.wait_for(waiting, 5)
    assert await drain(over, 2, 10) == [3, 4]
    await over.deliver(Brought().of(3))  # brought after all
    assert await drain(over, 4, 10) == []
    kept.offsets.append(5)
    await over.deliver(Brought().of(5))
    assert await drain(over, 4, 10) == [5]
