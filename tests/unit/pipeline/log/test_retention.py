"""Nothing stays longer than it may."""

from __future__ import annotations

import asyncio

import pytest

from pipeline.log.memory import MemoryLog
from pipeline.log.ports import LogUnavailable
from pipeline.log.retention import Retention

HOUR = 3600.0


async def test_each_topic_forgets_by_its_own_hours() -> None:
    now = 1e6
    log = MemoryLog(clock=lambda: now)
    await log.append("audio", "c/caller", b"old")
    await log.append("calls", "c", b"old")
    now += 30 * HOUR
    await log.append("audio", "c/caller", b"new")
    dropped = await Retention(log, clock=lambda: now).look()
    assert (dropped["audio"], dropped["calls"]) == (1, 0)
    assert [r.value for r in await log.read("audio", 0)] == [b"new"]
    now += 7 * 24 * HOUR
    assert (await Retention(log, {"audio": 24 * 365}, clock=lambda: now).look())["audio"] == 0
    assert (await log.read("calls", 0)) == []


async def test_a_fault_of_one_topic_does_not_spare_the_others() -> None:
    class Faulty(MemoryLog):
        async def drop_before(self, topic: str, unix_time: float) -> int:
            if topic == "audio":
                raise LogUnavailable("locked")
            return await super().drop_before(topic, unix_time)

    log = Faulty(clock=lambda: 0.0)
    await log.append("calls", "c", b"old")
    dropped = await Retention(log, clock=lambda: 1e9).look()
    assert "audio" not in dropped
    assert dropped["calls"] == 1


async def test_it_looks_again_and_again_until_it_is_stopped() -> None:
    looks: list[float] = []

    async def sleep(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 3:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await Retention(MemoryLog(), sleep=sleep).run()
    assert looks == [600.0] * 3
