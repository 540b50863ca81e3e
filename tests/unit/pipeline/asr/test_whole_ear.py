"""The ear over a log on disk and an engine in a process of its own: what no single part can promise."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from pipeline.asr.engine import ProcessEngine
from pipeline.asr.options import EarOptions
from pipeline.log.memory import MemoryLog
from pipeline.log.sqlite import SqliteLog
from schemas.calls import CallHeard, UtteranceHeard
from schemas.topics import AUDIO, CHECKPOINTS
from tests.unit.pipeline.asr import process
from tests.unit.pipeline.asr.voice import silence, talk
from tests.unit.pipeline.asr.world import World, killed

SOUND = talk([("s", 0.5), ("v", 2.0), ("s", 1.0), ("v", 1.5), ("s", 1.0)])
OPTIONS = EarOptions(checkpoint_every_s=0.5)


async def test_an_engine_killed_in_mid_call_costs_no_text(tmp_path: Path) -> None:
    world, engine = World(), ProcessEngine(str(tmp_path), module=process.__name__)
    await world.open()
    async with world.listening(engine) as ear:
        await world.live(ear, SOUND[:22_400])
        assert engine.pid is not None
        os.kill(engine.pid, signal.SIGKILL)
        await world.sound(SOUND[22_400:], at=22_400)
        await world.end()
        assert await world.heard() == CallHeard(utterances=2, failed=0)
    assert engine.restarts == 1


async def test_a_killed_ear_goes_on_over_the_log_on_disk(tmp_path: Path) -> None:
    engine = lambda: ProcessEngine(str(tmp_path), OPTIONS, module=process.__name__)  # noqa: E731
    undisturbed = World()
    await undisturbed.open()
    async with undisturbed.listening(engine(), OPTIONS):
        await undisturbed.sound(SOUND)
        await undisturbed.end()
        await undisturbed.heard()
    world = World()
    world.log = log = SqliteLog(tmp_path / "log", clock=lambda: world.now)
    await world.open()
    await world.sound(SOUND[:28_800])

    async def one_said_and_noted() -> bool:
        return bool(await world.texts()) and await log.end(CHECKPOINTS) > 0

    await killed(world.ear(engine(), OPTIONS), one_said_and_noted, world)
    await log.close()
    world.log = log = SqliteLog(tmp_path / "log", clock=lambda: world.now)
    async with world.listening(engine(), OPTIONS):
        await world.sound(SOUND[28_800:], at=28_800)
        await world.end()
        await world.heard()
    said = [(e.id, e.body) for e in await world.said(UtteranceHeard)]
    assert said == [(e.id, e.body) for e in await undisturbed.said(UtteranceHeard)]
    assert len(said) == 2
    await log.close()


async def test_many_calls_at_once_are_all_heard_to_the_end() -> None:
    from pipeline.asr.scripted import Line, ScriptedEngine

    world = World()
    assert isinstance(world.log, MemoryLog)
    calls = [f"call-{n}" for n in range(12)]
    for call in calls:
        await world.open(call)
    async with world.listening(ScriptedEngine([Line("", 0.0, 10.0, "话" * 40)])):
        for start in range(0, len(SOUND), 8000):
            for call in calls:
                await world.sound(SOUND[start : start + 8000], start, call=call, step=8000)
                await world.sound(silence(1.0), start, leg="agent", call=call, step=8000)
        for call in calls:
            await world.end(call)
        for call in calls:
            assert (await world.heard(call)).utterances == 2
    assert await world.log.end(AUDIO) == 12 * 2 * 6
