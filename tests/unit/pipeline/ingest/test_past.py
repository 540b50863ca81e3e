"""A call told by its records alone."""

from __future__ import annotations

from pathlib import Path

from pipeline.ingest.moment import Moment
from pipeline.ingest.past import Past, open_calls, past_of
from pipeline.log.memory import MemoryLog
from schemas.calls import CallStarted, UtteranceHeard
from schemas.codec import encode
from schemas.event import Event
from tests.unit.pipeline.ingest.bench import Bench


async def written(bench_messages: list[float | str], log: MemoryLog) -> str:
    """Plays a call: seconds of audio, or controls; writes it as a door does. Returns the call's id."""
    bench = Bench()
    session = bench.session()
    start = session.text('{"type":"start","call":"p","legs":["caller","agent"],"notice":"played"}', bench.now)
    assert start is not None

    call = session.seated(start, Past(), bench.now)
    for step in bench_messages:
        if isinstance(step, str):
            session.text(f'{{"type":"{step}"}}', bench.now)
        else:
            for _ in range(round(step * 10)):
                bench.now = Moment.at(bench.now.s + 0.1)
                session.binary(bytes(3200), bench.now)
        if step == "pause":
            bench.now = Moment.at(bench.now.s + 2.0)
    for write in call.outbox:
        await log.append(write.topic, write.key, write.value, write.head)
    return call.id


async def test_a_call_the_log_does_not_know_has_no_past() -> None:
    past = await past_of(MemoryLog(), "nobody")
    assert past.started is None
    assert not past.ended
    assert past.heard_mono(Moment.at(0)) is None


async def test_the_past_tells_how_far_each_leg_has_come() -> None:
    log = MemoryLog(clock=lambda: 50.0)
    call = await written([1.0, "pause", "resume", 0.5], log)
    past = await past_of(log, call)
    assert isinstance(past.started, CallStarted)
    assert (past.notice, past.ended, past.started_offset, past.events) == (True, False, 1, 6)
    caller = past.legs["caller"]
    assert (caller.seq, caller.received, caller.missing, caller.heard_at) == (15, 12000, 16000, 50.0)


async def test_a_gap_behind_the_last_frame_lies_beyond_its_end() -> None:
    log = MemoryLog(clock=lambda: 50.0)
    call = await written([1.0, "pause", "resume", "hold", "stop"], log)
    kept = MemoryLog(clock=lambda: 50.0)
    for record in (await log.read("calls", 0))[:-1]:  # killed before the end was written
        await kept.append("calls", record.key, record.value)
    for record in await log.read("audio", 0):
        await kept.append("audio", record.key, record.value, record.head)
    caller = (await past_of(kept, call)).legs["caller"]
    assert (caller.received, caller.missing, caller.heard_at) == (8000, 16000, 52.0)


async def test_an_ended_call_says_so_and_costs_no_look_at_its_audio() -> None:
    log = MemoryLog()
    call = await written([1.0, "stop"], log)
    past = await past_of(log, call)
    assert past.ended
    assert past.legs["caller"].seq == 0


async def test_events_of_others_and_broken_ones_are_passed_over(tmp_path: Path) -> None:
    log = MemoryLog()
    call = await written([0.5], log)
    heard = UtteranceHeard(utterance="u", leg="caller", start_s=0, end_s=1, first_sample=0, last_sample=1, text="你好")
    event = Event(id="e", tenant="t", call=call, cause=None, at=Moment.at(0).utc, body=heard)
    await log.append("calls", call, encode(event))
    await log.append("calls", call, b"{broken")
    assert (await past_of(log, call)).events == 2


async def test_calls_left_open_are_found_from_an_offset_on() -> None:
    log = MemoryLog()
    ended = await written([0.1, "stop"], log)
    mark = await log.end("calls")
    assert await open_calls(log, 0) == []
    opened = await written([0.1], log)
    assert ended == opened  # the same source: ended once, started again in this made-up log
    await log.append("calls", "x", b"{broken")
    assert await open_calls(log, mark) == [opened]
