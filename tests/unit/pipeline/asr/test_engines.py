"""The suite every engine is held to: the real one over its child process, and the scripted one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from pipeline.asr.engine import Engine, ProcessEngine
from pipeline.asr.readings import Reading, Unreadable, Window
from pipeline.asr.scripted import Line, ScriptedEngine
from tests.unit.pipeline.asr import process


class Bench:
    """An engine and a gate that holds back the windows marked HOLD."""

    def __init__(self, engine: Engine, close: Callable[[], None], open_: Callable[[], None]) -> None:
        self.engine = engine
        self.hold = close
        self.release = open_


@pytest.fixture(params=["process", "scripted"])
async def bench(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Bench]:
    made = _process(tmp_path) if request.param == "process" else _scripted()
    await made.engine.start()
    yield made
    made.release()
    await made.engine.stop()


def _process(folder: Path) -> Bench:
    gate = folder / "gate"
    engine = ProcessEngine(str(folder), module=process.__name__)
    return Bench(engine, gate.touch, lambda: gate.unlink(missing_ok=True))


def _scripted() -> Bench:
    held: list[asyncio.Future[None]] = []

    def wait(window: Window) -> asyncio.Future[None] | None:
        if window.pcm[0] != process.HOLD or not closed:
            return None
        held.append(asyncio.get_running_loop().create_future())
        return held[-1]

    closed: list[bool] = []

    def release() -> None:
        closed.clear()
        for future in held:
            if not future.done():
                future.set_result(None)

    engine = ScriptedEngine(
        [Line("", 0.0, 100.0, "字" * 500)],
        wait=wait,
        unreadable=lambda window: window.pcm[0] == process.CRASH,
    )
    return Bench(engine, lambda: closed.append(True), release)


def window(stream: str, end_s: float = 2.0, order: int = process.READ, final: bool = False) -> Window:
    pcm = order.to_bytes(2, "little") + bytes(2 * int(end_s * 16_000) - 2)
    return Window(stream=stream, start=0, end=int(end_s * 16_000), pcm=pcm, final=final)


async def result(future: asyncio.Future[Reading]) -> Reading:
    return await asyncio.wait_for(future, 60)


async def test_partials_and_finals_are_read(bench: Bench) -> None:
    readings = [bench.engine.submit(window(f"c{n}/caller", 2 + n, final=n % 2 == 0)) for n in range(4)]
    assert all([(await result(future)).text for future in readings])


async def test_the_card_names_the_model(bench: Bench) -> None:
    assert bench.engine.card.name
    assert bench.engine.is_up


async def test_a_waiting_partial_gives_way_to_a_newer_one_of_its_stream_only(bench: Bench) -> None:
    bench.hold()
    busy = bench.engine.submit(window("x/caller", order=process.HOLD, final=True))
    await asyncio.sleep(0.05)
    old = bench.engine.submit(window("a/caller", 2.0, order=process.HOLD))
    other = bench.engine.submit(window("b/caller", 2.0, order=process.HOLD))
    new = bench.engine.submit(window("a/caller", 3.0, order=process.HOLD))
    bench.release()
    assert (await result(new)).text
    assert (await result(other)).text
    assert (await result(busy)).text
    assert old.cancelled()


async def test_finals_of_one_stream_never_replace_each_other(bench: Bench) -> None:
    bench.hold()
    finals = [bench.engine.submit(window("a/caller", 2.0 + n, process.HOLD, final=True)) for n in range(5)]
    bench.engine.submit(window("a/caller", 9.0, process.HOLD))
    bench.release()
    assert len([await result(future) for future in finals]) == 5


async def test_the_same_window_is_read_once_and_becomes_a_final_when_asked_for_as_one(bench: Bench) -> None:
    bench.hold()
    bench.engine.submit(window("x/caller", order=process.HOLD, final=True))
    likely = bench.engine.submit(window("a/caller", 2.0, process.HOLD), likely_final=True)
    final = bench.engine.submit(window("a/caller", 2.0, process.HOLD, final=True))
    newer = bench.engine.submit(window("a/caller", 5.0, process.HOLD))
    bench.release()
    assert likely is final
    assert (await result(final)).text
    assert (await result(newer)).text


async def test_a_window_no_engine_survives_is_given_up_and_others_are_read(bench: Bench) -> None:
    deadly = bench.engine.submit(window("a/caller", order=process.CRASH, final=True))
    fine = bench.engine.submit(window("b/caller", final=True))
    with pytest.raises(Unreadable):
        await result(deadly)
    assert (await result(fine)).text


async def test_forgetting_a_stream_withdraws_all_that_waits_of_it(bench: Bench) -> None:
    bench.hold()
    bench.engine.submit(window("x/caller", order=process.HOLD, final=True))
    mine = [
        bench.engine.submit(window("a/caller", 2.0, process.HOLD, final=True)),
        bench.engine.submit(window("a/caller", 3.0, process.HOLD)),
    ]
    theirs = bench.engine.submit(window("b/caller", 2.0, process.HOLD, final=True))
    bench.engine.forget("a/caller")
    bench.release()
    assert (await result(theirs)).text
    assert all(future.cancelled() for future in mine)


async def test_a_stopped_engine_cancels_what_waits_and_can_be_started_again(bench: Bench) -> None:
    bench.hold()
    waiting = bench.engine.submit(window("a/caller", order=process.HOLD, final=True))
    await bench.engine.stop()
    assert waiting.cancelled()
    bench.release()
    await bench.engine.start()
    assert (await result(bench.engine.submit(window("a/caller", final=True)))).text
