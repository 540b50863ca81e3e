from __future__ import annotations

import asyncio
from itertools import pairwise

import numpy as np
import pytest

from pipeline.asr.options import BatchOptions, EarOptions
from pipeline.asr.readings import EngineDown, ModelCard
from pipeline.asr.scripted import Line, ScriptedEngine
from pipeline.asr.transcriber import GROUP, EarState
from schemas.calls import AssistSwitched, CallHeard, GapFound, UtteranceHeard
from schemas.ids import utterance_id
from schemas.topics import AUDIO, CALLS, CHECKPOINTS
from tests.unit.pipeline.asr.voice import silence, talk
from tests.unit.pipeline.asr.world import CALL, START, World, killed, later

SOUND = talk([("s", 0.5), ("v", 2.0), ("s", 1.0), ("v", 1.5), ("s", 1.0)])
LINES = [Line(f"{CALL}/caller", 0.4, 2.5, "我要投诉工地"), Line(f"{CALL}/caller", 3.4, 5.0, "晚上施工")]


def engine(**more: object) -> ScriptedEngine:
    return ScriptedEngine(LINES, **more)  # type: ignore[arg-type]


async def test_a_call_becomes_utterances_and_is_declared_heard() -> None:
    world = World()
    started = await world.open()
    async with world.listening(engine()):
        await world.sound(SOUND)
        ended = await world.end()
        heard = await world.heard()
    assert heard == CallHeard(utterances=2, failed=0)
    first, second = await world.said(UtteranceHeard)
    assert (first.body.text, second.body.text) == ("我要投诉工地", "晚上施工")
    assert first.cause == started.id
    assert first.body.start_s == pytest.approx(0.3, abs=0.25)
    assert first.at == later(first.body.end_s)
    assert first.body.utterance == utterance_id(
        CALL, "caller", first.body.first_sample, first.body.last_sample, "scripted@1"
    )
    assert first.body.last_sample < second.body.first_sample
    assert (await world.said(CallHeard))[0].cause == ended.id


async def test_both_legs_are_heard_as_streams_of_their_own() -> None:
    world = World()
    await world.open()
    script = ScriptedEngine([*LINES, Line(f"{CALL}/agent", 1.0, 2.0, "您好请讲")])
    async with world.listening(script):
        await world.sound(SOUND)
        await world.sound(talk([("s", 1.0), ("v", 1.0), ("s", 1.0)]), leg="agent")
        await world.end()
        await world.heard()
    assert await world.texts("agent") == ["您好请讲"]
    assert await world.texts("caller") == ["我要投诉工地", "晚上施工"]


async def test_a_voice_that_leaks_into_the_other_leg_gives_text_once() -> None:
    world = World()
    await world.open()
    script = ScriptedEngine(
        [*LINES, Line(f"{CALL}/agent", 0.4, 2.5, "我要投诉工地"), Line(f"{CALL}/agent", 3.4, 5.0, "晚上")]
    )
    async with world.listening(script) as ear:
        for start in range(0, len(SOUND), 1600):
            piece = SOUND[start : start + 1600]
            await world.frame(piece, start)
            await world.frame((piece * 0.05).astype(np.int16), start, leg="agent")
            end = await world.log.end(AUDIO)
            await world.until(lambda end=end: ear._audio_read >= end)
        await world.end()
        await world.heard()
    assert any(window.stream == f"{CALL}/agent" for window in script.asked)
    assert await world.texts("agent") == []
    assert await world.texts("caller") == ["我要投诉工地", "晚上施工"]


async def test_partial_text_appears_before_the_final_and_its_stable_part_only_grows() -> None:
    world = World()
    await world.open()
    long = talk([("s", 0.5), ("v", 6.0), ("s", 1.0)])
    async with world.listening(ScriptedEngine([Line("", 0.5, 6.5, "我要投诉人民路上的工地晚上施工")])) as ear:
        await world.live(ear, long)
        await world.end()
        await world.heard()
    partials = await world.partials()
    assert len(partials) > 4
    assert partials[-1].stable
    for one, two in pairwise(partials):
        assert two.segment == one.segment
        assert two.rev > one.rev
        assert two.stable.startswith(one.stable)


@pytest.mark.g07
async def test_without_a_notice_nothing_goes_to_the_model() -> None:
    world, script = World(), engine()
    await world.open(notice=False)
    async with world.listening(script):
        await world.sound(SOUND)
        await world.end()
        assert await world.heard() == CallHeard(utterances=0, failed=0)
    assert script.asked == []


@pytest.mark.g08
async def test_while_the_assistant_is_off_nothing_goes_to_the_model() -> None:
    world, script = World(), engine()
    await world.open()
    async with world.listening(script):
        await world.sound(SOUND[:25_600])
        await world.until(world.texts)
        world.pass_(3.0)
        await world.tell(AssistSwitched(on=False, by="caller"))
        await world.sound(SOUND[25_600:], at=25_600)
        await world.end()
        assert (await world.heard()).utterances == 1
    assert max(window.end for window in script.asked) <= 2 * 25_600
    assert await world.texts() == ["我要投诉工地"]


@pytest.mark.g08
async def test_an_utterance_broken_by_the_switch_becomes_a_gap_and_hearing_resumes_when_it_is_on_again() -> None:
    world, script = World(), engine()
    await world.open()
    async with world.listening(script):
        await world.sound(SOUND[:12_000])
        await world.until(lambda: len(script.asked) > 0)
        world.pass_(1.0)
        await world.tell(AssistSwitched(on=False, by="agent-1"))
        await world.sound(SOUND[12_000:25_600], at=12_000)
        world.pass_(1.0)
        await world.tell(AssistSwitched(on=True, by="agent-1"))
        await world.sound(SOUND[25_600:], at=25_600)
        await world.end()
        await world.heard()
    gap = (await world.said(GapFound))[0].body
    assert (gap.cause, gap.sample_pos + gap.samples) == ("paused", 12_000)
    assert await world.texts() == ["晚上施工"]


@pytest.mark.g08
async def test_what_still_waits_for_the_model_when_the_assistant_goes_off_becomes_a_gap() -> None:
    world = World()
    gate: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    script = engine(wait=lambda window: gate)
    await world.open()
    async with world.listening(script) as ear:
        await world.sound(SOUND[:25_600])
        await world.until(lambda: ear._waiting_s() > 0)
        world.pass_(1.0)
        await world.tell(AssistSwitched(on=False, by="caller"))
        await world.until(lambda: not script._open)
        gate.set_result(None)
        await world.end()
        assert (await world.heard()).utterances == 0
    assert script.asked == []
    assert (await world.said(GapFound))[0].body.cause == "paused"


async def test_partial_text_that_turns_out_to_be_nothing_is_cleared() -> None:
    world = World()
    await world.open()
    script = engine()
    script.text = lambda w: "" if w.end > 38_000 else chr(0x4E00 + w.end // 512)  # type: ignore[method-assign]
    async with world.listening(script) as ear:
        await world.live(ear, SOUND[:25_600])
        await world.end()
        await world.heard()
        await world.until(world.partials)
    *shown, last = await world.partials()
    assert any(partial.unstable for partial in shown)
    assert (last.stable, last.unstable) == ("", "")
    assert last.segment == shown[-1].segment
    assert await world.texts() == []


async def test_what_the_model_cannot_read_is_listed_as_a_gap() -> None:
    world = World()
    await world.open()
    async with world.listening(engine(unreadable=lambda window: window.start < 20_000)):
        await world.sound(SOUND)
        await world.end()
        assert await world.heard() == CallHeard(utterances=1, failed=1)
    gap = (await world.said(GapFound))[0].body
    assert gap.cause == "unreadable"
    assert gap.sample_pos / 8000 == pytest.approx(0.3, abs=0.25)


async def test_finals_of_a_leg_come_in_the_order_of_the_sound_however_long_they_take() -> None:
    world = World()
    gate: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    await world.open()
    async with world.listening(engine(wait=lambda window: gate if window.start < 20_000 else None)) as _:
        await world.sound(SOUND)
        await world.end()
        await asyncio.sleep(0.1)
        assert await world.texts() == []
        gate.set_result(None)
        await world.heard()
    assert await world.texts() == ["我要投诉工地", "晚上施工"]


async def test_silence_gives_no_text_and_asks_the_model_nothing() -> None:
    world, script = World(), engine()
    await world.open()
    async with world.listening(script):
        await world.sound(silence(20))
        await world.end()
        assert (await world.heard()).utterances == 0
    assert script.asked == []


async def test_what_is_no_audio_and_no_event_is_passed_over() -> None:
    world = World()
    await world.open()
    async with world.listening(engine()):
        await world.log.append(AUDIO, f"{CALL}/caller", b"\x00", b"no head")
        await world.log.append(AUDIO, "nonsense", b"\x00", b"[]")
        await world.log.append(CALLS, CALL, b"{broken")
        await world.sound(talk([("v", 1.0)]), call="unknown-call")
        await world.sound(SOUND)
        await world.end()
        assert (await world.heard()).utterances == 2


OPTIONS = EarOptions(checkpoint_every_s=0.5)


async def uninterrupted() -> list[tuple[str, str]]:
    world = World()
    await world.open()
    async with world.listening(engine(), OPTIONS):
        await world.sound(SOUND)
        await world.end()
        await world.heard()
    return [(e.id, e.body.text) for e in await world.said(UtteranceHeard)]


@pytest.mark.parametrize("at_s", [0.1, 0.8, 1.6, 2.6, 3.0, 3.8, 4.6, 5.4])
async def test_a_killed_ear_goes_on_where_it_stood_and_says_nothing_twice(at_s: float) -> None:
    world, cut = World(), int(at_s * 8000) // 1600 * 1600
    await world.open()
    await world.sound(SOUND[:cut])

    async def all_read() -> bool:
        return first_ear._audio_read >= await world.log.end(AUDIO)

    first_ear = world.ear(engine(), OPTIONS)
    await killed(first_ear, all_read, world)
    async with world.listening(engine(), OPTIONS):
        await world.sound(SOUND[cut:], at=cut)
        await world.end()
        assert (await world.heard()).utterances == 2
    assert [(e.id, e.body.text) for e in await world.said(UtteranceHeard)] == await uninterrupted()


async def test_a_checkpoint_spares_the_sound_before_it() -> None:
    world = World()
    await world.open()
    await world.sound(SOUND)
    await world.sound(silence(2), at=len(SOUND))

    async def saved() -> bool:
        return await world.log.committed(GROUP, AUDIO) > 20

    await killed(world.ear(engine(), OPTIONS), saved, world)
    assert await world.log.end(CHECKPOINTS) > 0
    script = engine()
    async with world.listening(script, OPTIONS):
        await world.end()
        assert (await world.heard()).utterances == 2
    assert script.asked == []


async def test_a_kill_before_the_final_is_said_loses_it_not() -> None:
    world, never = World(), asyncio.get_running_loop().create_future()
    await world.open()
    await world.sound(SOUND)
    stuck = engine(wait=lambda window: never)

    async def waits() -> bool:
        return len(stuck._open) >= 2

    await killed(world.ear(stuck, OPTIONS), waits, world)
    assert await world.texts() == []
    async with world.listening(engine(), OPTIONS):
        await world.end()
        await world.heard()
    assert await world.texts() == ["我要投诉工地", "晚上施工"]


async def test_offsets_are_given_free_when_a_call_is_heard() -> None:
    world = World()
    await world.open()
    async with world.listening(engine()):
        await world.sound(SOUND)
        await world.end()
        await world.heard()

        async def free() -> bool:
            calls, audio = await world.log.committed(GROUP, CALLS), await world.log.committed(GROUP, AUDIO)
            return calls == await world.log.end(CALLS) and audio == await world.log.end(AUDIO)

        await world.until(free)


async def test_a_call_opened_again_under_its_id_is_heard_from_its_own_beginning() -> None:
    world = World()
    for _ in range(2):
        await world.open()
        async with world.listening(engine(), OPTIONS):
            await world.sound(SOUND)
            await world.end()
            before = len(await world.said(CallHeard))
            await world.until(lambda: world.log.end(CALLS))

            async def heard(before: int = before) -> bool:
                return len(await world.said(CallHeard)) > before

            await world.until(heard)
    assert len(await world.said(CallHeard)) == 2
    assert set(await world.texts()) == {"我要投诉工地", "晚上施工"}


async def test_when_the_model_lags_reading_pauses_and_no_final_is_dropped() -> None:
    world = World()
    gate: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    many = np.concatenate([SOUND] * 8)
    script = ScriptedEngine([Line("", 0.0, 100.0, "话" * 400)], wait=lambda window: gate)
    await world.open()
    await world.sound(many)
    await world.sound(silence(60), at=len(many))
    options = EarOptions(batch=BatchOptions(most_waiting_s=5.0))
    async with world.listening(script, options) as ear:
        await world.until(lambda: ear._waiting_s() > 5.0)
        await asyncio.sleep(0.3)
        assert ear._audio_read < await world.log.end(AUDIO)
        gate.set_result(None)
        await world.end()
        heard = await world.heard()
    finals = {(window.start, window.end) for window in script.asked if window.final}
    assert heard.utterances == len(finals) >= 14


async def test_sound_that_is_old_already_is_shown_only_when_final() -> None:
    world = World()
    await world.open()
    await world.sound(SOUND)
    world.pass_(30.0)
    async with world.listening(engine()):
        await world.end()
        await world.heard()
    assert await world.partials() == []
    assert len(await world.texts()) == 2


async def test_it_says_when_it_is_late_and_when_it_has_caught_up() -> None:
    world, states = World(), []
    gate: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    await world.open()
    await world.sound(SOUND)
    world.pass_(30.0)

    async def tell(state: EarState) -> None:
        states.append(state)

    waiting = lambda window: gate  # noqa: E731
    options = EarOptions(batch=BatchOptions(most_waiting_s=0.5))
    async with world.listening(engine(wait=waiting), options, tell=tell):
        await world.until(lambda: states[-1:] == ["late"])
        gate.set_result(None)
        await world.end()
        await world.heard()
        await world.until(lambda: states[-2:] == ["late", "ok"])


async def test_an_ear_without_a_model_says_so_and_recovers_when_there_is_one() -> None:
    world, states = World(), []

    async def tell(state: EarState) -> None:
        states.append(state)

    script = engine(card=ModelCard(name=""))
    ear = world.ear(script, tell=tell)
    with pytest.raises(EngineDown):
        await ear.run(asyncio.Event())
    assert states == ["down"]
    script.card = ModelCard(name="scripted@1")
    stop = asyncio.Event()
    task = asyncio.create_task(ear.run(stop))
    await world.until(lambda: states == ["down", "ok"])
    stop.set()
    await task


async def test_a_stopped_ear_first_says_what_is_due() -> None:
    world = World()
    gate: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    await world.open()
    ear, stop = world.ear(engine(wait=lambda window: gate)), asyncio.Event()
    task = asyncio.create_task(ear.run(stop))
    await world.sound(SOUND)
    await world.until(lambda: ear._legs and ear._waiting_s() > 3.0)
    stop.set()
    await asyncio.sleep(0.05)
    gate.set_result(None)
    await asyncio.wait_for(task, 20)
    assert await world.texts() == ["我要投诉工地", "晚上施工"]
    assert (await world.said(UtteranceHeard))[0].at > START
