"""An engine that reads several windows at once: a lane is kept for finals, and a death on one harms no other's words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pipeline.asr.engine import ProcessEngine
from pipeline.asr.options import DecodeOptions, EarOptions
from pipeline.asr.readings import Unreadable
from tests.unit.pipeline.asr import process
from tests.unit.pipeline.asr.test_engines import result, window

TWO = EarOptions(decode=DecodeOptions(threads=2))


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[ProcessEngine]:
    (tmp_path / "lanes").touch()
    (tmp_path / "gate").touch()
    made = ProcessEngine(str(tmp_path), TWO, module=process.__name__)
    await made.start()
    assert made.card.lanes == 2
    yield made
    (tmp_path / "gate").unlink(missing_ok=True)
    await made.stop()


async def begun(folder: Path, count: int) -> None:
    """Returns when the process has taken so many orders."""
    async with asyncio.timeout(60):
        orders = folder / "batches"
        while not orders.exists() or orders.read_text().count("\n") < count:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.005)


async def test_a_final_does_not_wait_for_another_in_hand(engine: ProcessEngine, tmp_path: Path) -> None:
    held = engine.submit(window("a/caller", order=process.HOLD, final=True))
    await begun(tmp_path, 1)
    assert (await result(engine.submit(window("b/caller", final=True)))).text
    assert not held.done()
    (tmp_path / "gate").unlink()
    assert (await result(held)).text


async def test_partials_leave_a_lane_to_finals(engine: ProcessEngine, tmp_path: Path) -> None:
    partials = [engine.submit(window("a/caller", order=process.HOLD))]
    await begun(tmp_path, 1)
    partials.append(engine.submit(window("b/caller", order=process.HOLD)))
    assert (await result(engine.submit(window("c/caller", final=True)))).text
    orders = (tmp_path / "batches").read_text().split("\n")
    assert [order.split()[1] for order in orders if order] == ["quick", "full"]
    (tmp_path / "gate").unlink()
    for partial in partials:
        assert (await result(partial)).text


async def test_a_crash_costs_the_other_lane_no_final(engine: ProcessEngine, tmp_path: Path) -> None:
    held = engine.submit(window("good/caller", order=process.HOLD, final=True))
    await begun(tmp_path, 1)
    deadly = engine.submit(window("deadly/caller", order=process.CRASH, final=True))
    await begun(tmp_path, 3)  # the crash, and the first suspect alone
    assert not held.done()
    (tmp_path / "gate").unlink()
    assert (await result(held)).text
    with pytest.raises(Unreadable):
        await result(deadly)
    assert engine.restarts == 2
    assert (await result(engine.submit(window("after/caller", final=True)))).text


async def test_stopping_in_the_middle_of_two_readings_ends_both(engine: ProcessEngine, tmp_path: Path) -> None:
    held = [engine.submit(window(f"{n}/caller", order=process.HOLD, final=True)) for n in range(2)]
    await begun(tmp_path, 2)
    await engine.stop()
    assert all(future.cancelled() for future in held)
    await engine.start()
    (tmp_path / "gate").unlink()
    assert (await result(engine.submit(window("0/caller", final=True)))).text
