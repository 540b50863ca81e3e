"""The supervisor: faults stay where they are, and what failed comes back."""

from __future__ import annotations

import asyncio

from pipeline.run.supervise import LONGEST_WAIT_S, Supervisor


async def test_a_failed_part_comes_back_after_a_growing_pause() -> None:
    waits: list[float] = []
    back = asyncio.Event()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async def part(stop: asyncio.Event) -> None:
        if len(waits) < 3:
            raise RuntimeError("says too much")
        back.set()
        await stop.wait()

    supervisor = Supervisor(sleep)
    supervisor.start("ear", part)
    await back.wait()
    assert waits == [0.5, 1.0, 2.0]
    assert supervisor.down == {"ear": "RuntimeError"}
    assert await supervisor.stop() == []
    assert supervisor.down == {}


async def test_one_part_failing_forever_leaves_the_others_running() -> None:
    tries = 0
    worked = asyncio.Event()

    async def sleep(seconds: float) -> None:
        assert seconds <= LONGEST_WAIT_S
        await asyncio.sleep(0)

    async def broken(stop: asyncio.Event) -> None:
        nonlocal tries
        tries += 1
        if tries == 20:
            worked.set()
        raise ValueError

    async def sound(stop: asyncio.Event) -> None:
        await stop.wait()

    supervisor = Supervisor(sleep)
    supervisor.start("sound", sound)
    supervisor.start("broken", broken)
    await worked.wait()
    assert supervisor.down == {"broken": "ValueError"}
    assert await supervisor.stop() == []


async def test_parts_stop_in_reverse_order_and_a_deaf_one_is_cut() -> None:
    order: list[str] = []

    def part(name: str):
        async def run(stop: asyncio.Event) -> None:
            await stop.wait()
            order.append(name)

        return run

    async def deaf(stop: asyncio.Event) -> None:
        await asyncio.Event().wait()

    supervisor = Supervisor()
    supervisor.start("first", part("first"))
    supervisor.start("deaf", deaf)
    supervisor.start("last", part("last"))
    await asyncio.sleep(0)
    assert await supervisor.stop(deadline_s=0.01) == ["deaf"]
    assert order == ["last", "first"]
