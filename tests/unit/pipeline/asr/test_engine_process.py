"""What befalls the engine's process, and what its sessions notice of it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from pipeline.asr.engine import ProcessEngine
from pipeline.asr.options import PATIENT, BatchOptions, EarOptions
from pipeline.asr.readings import EngineDown, Reading, Unreadable, Window
from tests.unit.pipeline.asr import process
from tests.unit.pipeline.asr.test_engines import result, window

OPTIONS = EarOptions()
IMPATIENT = EarOptions(batch=BatchOptions(deadline_s=1.0))


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[ProcessEngine]:
    made = ProcessEngine(str(tmp_path), OPTIONS, module=process.__name__)
    await made.start()
    yield made
    await made.stop()


def batches(folder: Path) -> list[str]:
    return (folder / "batches").read_text().splitlines()


async def test_a_crash_costs_a_restart_and_no_final(engine: ProcessEngine, tmp_path: Path) -> None:
    finals = [engine.submit(window(f"{n}/caller", 2.0, process.READ, final=True)) for n in range(3)]
    finals.append(engine.submit(window("bad/caller", 2.0, process.CRASH_ONCE, final=True)))
    assert len([await result(future) for future in finals]) == 4
    assert engine.restarts == 1


async def test_a_hung_engine_is_killed_at_its_deadline_and_its_windows_read_again(tmp_path: Path) -> None:
    engine = ProcessEngine(str(tmp_path), IMPATIENT, module=process.__name__)
    await engine.start()
    hung = engine.submit(window("a/caller", order=process.HANG, final=True))
    fine = engine.submit(window("b/caller", final=True))
    with pytest.raises(Unreadable):
        await result(hung)
    assert (await result(fine)).text
    assert engine.restarts >= 2
    await engine.stop()


@pytest.mark.parametrize("order", [process.FAIL, process.GARBLE])
async def test_an_engine_that_fails_or_garbles_is_replaced(engine: ProcessEngine, order: int) -> None:
    with pytest.raises(Unreadable):
        await result(engine.submit(window("a/caller", order=order, final=True)))
    assert (await result(engine.submit(window("a/caller", 3.0, final=True)))).text


async def test_a_partial_an_engine_died_over_is_not_tried_again(engine: ProcessEngine) -> None:
    with pytest.raises(Unreadable):
        await result(engine.submit(window("a/caller", order=process.CRASH)))
    assert engine.restarts <= 1


async def test_windows_beside_a_deadly_one_are_read_alone_and_survive(engine: ProcessEngine, tmp_path: Path) -> None:
    both = [
        engine.submit(window("good/caller", 2.0, final=True)),
        engine.submit(window("deadly/caller", 2.0, process.CRASH, final=True)),
    ]
    assert (await result(both[0])).text
    with pytest.raises(Unreadable):
        await result(both[1])
    assert batches(tmp_path)[0] == "2 full good/caller deadly/caller"
    assert {line.split()[0] for line in batches(tmp_path)[1:]} == {"1"}


async def test_due_windows_of_many_streams_share_a_batch(engine: ProcessEngine, tmp_path: Path) -> None:
    (tmp_path / "gate").touch()
    first = engine.submit(window("first/caller", order=process.HOLD, final=True))
    await asyncio.sleep(0.05)
    rest = [engine.submit(window(f"{n}/caller", 2.0, final=True)) for n in range(5)]
    (tmp_path / "gate").unlink()
    for future in (first, *rest):
        await result(future)
    assert [line.split()[0] for line in batches(tmp_path)] == ["1", "5"]


async def test_a_second_reading_is_asked_for_as_such(engine: ProcessEngine, tmp_path: Path) -> None:
    await result(engine.submit(window("a/caller", final=True), careful=True))
    assert batches(tmp_path) == ["1 careful a/caller"]


async def test_a_final_is_searched_for_and_a_partial_glanced_at(engine: ProcessEngine, tmp_path: Path) -> None:
    await result(engine.submit(window("a/caller")))
    await result(engine.submit(window("a/caller", 2.0), likely_final=True))
    await result(engine.submit(window("a/caller", 3.0, final=True)))
    assert batches(tmp_path) == ["1 quick a/caller", "1 full a/caller", "1 full a/caller"]


async def test_a_final_asked_for_in_the_middle_of_its_partial_is_read_anew(
    engine: ProcessEngine, tmp_path: Path
) -> None:
    (tmp_path / "gate").touch()
    glance = engine.submit(window("a/caller", order=process.HOLD))
    await asyncio.sleep(0.05)
    final = engine.submit(window("a/caller", order=process.HOLD, final=True))
    (tmp_path / "gate").unlink()
    assert (await result(glance)).text == (await result(final)).text
    assert batches(tmp_path) == ["1 quick a/caller", "1 full a/caller"]


async def test_a_model_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    engine = ProcessEngine(str(tmp_path / "nowhere"), OPTIONS, module=process.__name__)
    with pytest.raises(EngineDown, match="no model in nowhere"):
        await engine.start()
    await engine.stop()


async def test_a_process_that_dies_while_loading_is_told(tmp_path: Path) -> None:
    (tmp_path / "dead").touch()
    engine = ProcessEngine(str(tmp_path), OPTIONS, module=process.__name__)
    with pytest.raises(EngineDown, match="crashed"):
        await engine.start()
    await engine.stop()


async def test_no_process_outlives_its_engine(tmp_path: Path) -> None:
    engine = ProcessEngine(str(tmp_path), OPTIONS, module=process.__name__)
    await engine.start()
    pid = engine.pid
    assert pid is not None
    os.kill(pid, 0)
    await engine.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_windows_and_readings_cross_the_pipe_whole() -> None:
    one = window("a/caller", 0.1, final=True)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(one), type=Window) == one
    two = Reading(text="你好", logprob=-0.5, no_speech=0.1, tokens=2, careful=True)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(two), type=Reading) == two


async def test_a_patient_engine_reads_partials_however_dear(tmp_path: Path) -> None:
    """Whoever reads a recording waits for each partial: one left out would never be answered."""
    made = ProcessEngine(str(tmp_path), EarOptions(batch=PATIENT), module=process.__name__)
    await made.start()
    made.speed.cost, made.speed.busy = 100.0, 1.0
    assert await result(made.submit(window("a/caller", 8.0, process.READ)))
    assert await result(made.submit(window("a/caller", 12.0, process.READ), likely_final=True))
    await made.stop()
