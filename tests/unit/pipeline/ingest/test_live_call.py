"""One call from start to end: what is written, what is a gap, and nothing of the caller's voice before the notice."""

from __future__ import annotations

import resource
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.ingest.control import Control
from pipeline.ingest.past import Past
from pipeline.ingest.refusal import Refused
from pipeline.ingest.switchboard import Limits
from schemas.calls import CallControlled, CallEnded, CallStarted, GapFound, NoticeGiven
from schemas.draft import DeadLettered
from schemas.ids import call_id
from tests.unit.pipeline.ingest.bench import Bench

STEREO = bytes(n % 251 for n in range(320))  # 20 ms of A-law


def test_a_call_is_started_told_heard_and_ended_in_this_order() -> None:
    bench = Bench()
    session = bench.started()
    bench.stream(session, 1.0, STEREO)
    bench.say(session, "stop")
    started, notice, ended = bench.bodies
    assert started == CallStarted(
        door="ws",
        switch="fs1",
        source="src-1",
        legs=("caller", "agent"),
        codec="PCMA",
        rate=8000,
        ani="13912345678",
        dnis="12345",
        agent="1001",
        queue="general",
    )
    assert notice == NoticeGiven(how="played")
    assert ended == CallEnded(reason="stopped", samples={"caller": 8000, "agent": 8000}, gaps={"caller": 0, "agent": 0})
    assert {frame.call for frame in bench.frames} == {call_id("ws", "src-1")}
    assert bench.audio() == {"caller": STEREO[0::2] * 50, "agent": STEREO[1::2] * 50}


@pytest.mark.parametrize(
    ("codec", "rate", "legs", "size"),
    [
        ("PCMA", 8000, ["caller"], 160),
        ("PCMU", 8000, ["agent"], 160),
        ("PCMA", 8000, ["caller", "agent"], 320),
        ("PCMU", 8000, ["agent", "caller"], 320),
        ("L16", 8000, ["mixed"], 320),
        ("L16", 8000, ["caller", "agent"], 640),
        ("L16", 16000, ["caller"], 640),
        ("L16", 16000, ["caller", "agent"], 1280),
    ],
)
def test_20_ms_of_each_format_lands_where_it_belongs(codec: str, rate: int, legs: list[str], size: int) -> None:
    bench = Bench()
    session = bench.started(codec=codec, rate=rate, legs=legs)
    width = 2 if codec == "L16" else 1
    message = b"".join(bytes([65 + n] * width) for _ in range(rate // 50) for n in range(len(legs)))
    assert len(message) == size
    bench.hear(session, message)
    bench.say(session, "stop")
    assert bench.audio() == {leg: bytes([65 + n]) * (rate // 50 * width) for n, leg in enumerate(legs)}
    assert bench.of(CallEnded)[0].samples == dict.fromkeys(legs, rate // 50)
    assert {(frame.codec, frame.rate) for frame in bench.frames} == {(codec, rate)}


def test_a_call_of_0_s_is_a_call() -> None:
    bench = Bench()
    bench.say(bench.started(), "stop")
    assert [type(body) for body in bench.bodies] == [CallStarted, NoticeGiven, CallEnded]
    assert bench.of(CallEnded)[0].samples == {"caller": 0, "agent": 0}
    assert bench.frames == []


def test_ids_of_a_call_s_events_are_the_same_each_time_it_happens() -> None:
    ids = []
    for _ in range(2):
        bench = Bench()
        session = bench.session()
        start = session.text('{"type":"start","call":"x","notice":"played"}', bench.now)
        assert start is not None
        call = session.seated(start, Past(), bench.now)
        call.control(Control(kind="hold"), bench.now)
        call.control(Control(kind="hold"), bench.now)
        ids.append([write.event.id for write in call.outbox if write.event])
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == len(ids[0])


def test_silence_is_audio_like_any_other() -> None:
    bench = Bench()
    session = bench.started()
    bench.stream(session, 300.0, b"\xd5" * 3200, 0.2)
    bench.say(session, "stop")
    assert bench.of(CallEnded)[0].samples["caller"] == 300 * 8000
    assert bench.of(GapFound) == []


@pytest.mark.g06
@pytest.mark.g07
def test_before_the_notice_audio_is_counted_as_declared_and_kept_nowhere() -> None:
    bench = Bench()
    session = bench.started(notice="pending")
    bench.stream(session, 3.0, STEREO)
    assert bench.frames == []
    assert [type(body) for body in bench.bodies] == [CallStarted]
    bench.say(session, "notice")
    bench.stream(session, 1.0, STEREO)
    bench.say(session, "stop")
    gaps = bench.of(GapFound)
    assert [(g.leg, g.sample_pos, g.samples, g.cause) for g in gaps] == [
        ("caller", 0, 24000, "declared"),
        ("agent", 0, 24000, "declared"),
    ]
    assert bench.bodies.index(NoticeGiven(how="message")) < bench.bodies.index(gaps[0])
    assert bench.frames[0].sample_pos == 24000
    assert bench.audio()["caller"] == STEREO[0::2] * 50
    assert bench.of(CallEnded)[0].gaps == {"caller": 24000, "agent": 24000}


@pytest.mark.g06
@pytest.mark.g07
def test_a_call_never_told_leaves_no_audio_at_all() -> None:
    bench = Bench()
    session = bench.started(notice="pending")
    bench.stream(session, 2.0, STEREO)
    bench.say(session, "stop")
    assert bench.frames == []
    assert bench.of(NoticeGiven) == []
    assert bench.of(CallEnded)[0].gaps == {"caller": 16000, "agent": 16000}


def test_notice_is_given_once() -> None:
    bench = Bench()
    session = bench.started()
    bench.say(session, "notice")
    bench.say(session, "notice")
    assert bench.of(NoticeGiven) == [NoticeGiven(how="played")]


def test_a_pause_without_audio_is_a_gap_as_long_as_the_clock_says() -> None:
    bench = Bench()
    session = bench.started()
    bench.stream(session, 1.0, STEREO)
    bench.say(session, "pause")
    bench.pass_s(10.0)
    bench.say(session, "resume")
    bench.stream(session, 1.0, STEREO)
    bench.say(session, "stop")
    assert [c.control for c in bench.of(CallControlled)] == ["pause", "resume"]
    assert [(g.sample_pos, g.samples, g.cause) for g in bench.of(GapFound)] == [(8000, 80000, "paused")] * 2
    assert bench.of(CallEnded)[0].samples == {"caller": 16000, "agent": 16000}


def test_audio_that_comes_in_a_pause_is_dropped_and_measures_it() -> None:
    bench = Bench()
    session = bench.started()
    bench.say(session, "pause")
    bench.stream(session, 2.0, STEREO)
    bench.say(session, "resume")
    bench.stream(session, 0.1, STEREO)
    assert [(g.samples, g.cause) for g in bench.of(GapFound)] == [(16000, "paused")] * 2
    assert bench.frames[0].sample_pos == 16000


def test_a_call_that_ends_in_its_pause_counts_it() -> None:
    bench = Bench()
    session = bench.started()
    bench.say(session, "pause")
    bench.pass_s(3.0)
    bench.say(session, "stop")
    assert bench.of(CallEnded)[0].gaps == {"caller": 24000, "agent": 24000}


@pytest.mark.parametrize("kind", ["hold", "unhold", "transfer", "join", "leave", "dtmf"])
def test_what_the_switch_does_to_the_call_is_told(kind: str) -> None:
    bench = Bench()
    session = bench.started()
    bench.say(session, kind, detail="x", leg="agent")
    assert bench.of(CallControlled) == [CallControlled(control=kind, leg="agent", detail="x")]  # type: ignore[arg-type]


def test_a_message_that_ends_within_a_sample_is_dropped_as_malformed() -> None:
    bench = Bench()
    session = bench.started(codec="L16")
    bench.hear(session, bytes(400))
    bench.hear(session, bytes(402))  # 100.5 stereo samples
    bench.hear(session, bytes(401))
    bench.hear(session, bytes(3200))
    gaps = [g for g in bench.of(GapFound) if g.leg == "caller"]
    assert [(g.sample_pos, g.samples, g.cause) for g in gaps] == [(100, 200, "malformed")]
    assert session.dropped["malformed"] == 2


def test_ten_malformed_messages_in_a_second_end_the_connection_nine_do_not() -> None:
    bench = Bench()
    session = bench.started()
    for _ in range(9):
        bench.hear(session, bytes(319))
    bench.pass_s(1.1)
    for _ in range(9):
        bench.hear(session, bytes(319))
    with pytest.raises(Refused) as refused:
        bench.hear(session, bytes(319))
    assert (refused.value.reason, refused.value.code) == ("malformed", 1007)


def test_lost_audio_is_suspected_by_the_clock() -> None:
    bench = Bench()
    session = bench.started()
    bench.stream(session, 5.0, STEREO)
    bench.pass_s(1.5)
    bench.stream(session, 5.0, STEREO)
    bench.say(session, "stop")
    (gap, _) = bench.of(GapFound)
    assert gap.cause == "suspected"
    assert abs(gap.samples - 12000) < 400
    assert bench.of(CallEnded)[0].samples == {"caller": 80000, "agent": 80000}


def test_a_record_begun_does_not_wait_for_a_source_that_stalls() -> None:
    bench = Bench()
    session = bench.started()
    bench.hear(session, STEREO)
    bench.pass_s(0.15)
    assert bench.frames == []
    bench.pass_s(0.1)
    assert [frame.samples for frame in bench.frames] == [160, 160]


def test_a_source_ahead_of_real_time_is_read_more_slowly() -> None:
    bench = Bench()
    session = bench.started()
    waits = [bench.hear(session, bytes(16000)) for _ in range(8)]  # 1 s of audio each, all at once
    assert waits[:4] == [0.0] * 4
    assert [round(wait) for wait in waits[5:]] == [0, 1, 2]
    bench.pass_s(5.0)
    assert bench.hear(session, STEREO) == 0.0


def test_a_door_without_limit_reads_as_fast_as_it_can() -> None:
    bench = Bench(Limits(max_ahead_s=0))
    session = bench.started()
    assert [bench.hear(session, bytes(64000)) for _ in range(100)] == [0.0] * 100


def test_text_nobody_understands_is_parked_with_its_bytes_once_the_caller_knows() -> None:
    bench = Bench()
    session = bench.started()
    with pytest.raises(Refused):
        session.text("not json 你好", bench.now)
    bench.collect()
    (dead,) = bench.of(DeadLettered)
    assert dead.data == "not json 你好".encode()
    assert dead.stage == "door.ws"
    bench = Bench()
    session = bench.started(notice="pending")
    with pytest.raises(Refused):
        session.text("not json", bench.now)
    bench.collect()
    assert bench.of(DeadLettered) == []


def test_a_log_that_takes_nothing_turns_audio_into_overflow_gaps_and_keeps_the_rest() -> None:
    bench = Bench()
    session = bench.started()
    call = session.call
    assert call is not None
    bench.hear(session, bytes(1600))
    session.binary(bytes(1600), bench.now)
    session.text('{"type":"stop"}', bench.now)
    assert call.overflow(bench.now) == 1600
    bench.collect()
    gaps = bench.of(GapFound)
    assert [(g.leg, g.sample_pos, g.samples, g.cause) for g in gaps] == [
        ("caller", 800, 800, "overflow"),
        ("agent", 800, 800, "overflow"),
    ]
    assert isinstance(bench.bodies[-1], CallEnded)
    assert bench.bodies[-1].samples == {"caller": 800, "agent": 800}
    assert bench.bodies[-1].gaps == {"caller": 800, "agent": 800}


def test_a_call_of_two_hours_is_whole_and_memory_does_not_grow() -> None:
    bench = Bench()
    session = bench.started(codec="L16", rate=16000, legs=["mixed"])
    message = bytes(6400)  # 200 ms
    frames = samples = 0
    memory: list[int] = []
    for second in range(2 * 3600):
        bench.stream(session, 1.0, message, 0.2)
        frames += len(bench.frames)
        samples += sum(frame.samples for frame in bench.frames)
        last = bench.frames[-1]
        bench.frames.clear()
        if second % 600 == 0:
            memory.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    bench.say(session, "stop")
    assert samples == 2 * 3600 * 16000
    assert (last.seq, last.sample_pos) == (frames, samples - 1600)
    assert bench.of(CallEnded)[0].samples == {"mixed": samples}
    assert bench.of(GapFound) == []
    assert memory[-1] - memory[1] < 2048  # KiB


messages = st.lists(
    st.one_of(
        st.binary(max_size=2000),
        st.sampled_from([{"type": "pause"}, {"type": "resume"}, {"type": "notice"}, {"type": "hold"}]),
    ),
    max_size=30,
)


@settings(deadline=None)  # a busy machine is no failure
@given(messages=messages, told=st.sampled_from(["played", "pending"]))
def test_whatever_comes_logged_plus_gaps_covers_each_leg_without_overlap(messages: list[Any], told: str) -> None:
    bench = Bench(Limits(malformed=10_000))
    session = bench.started(notice=told)
    for message in messages:
        if isinstance(message, bytes):
            bench.hear(session, message)
        else:
            bench.say(session, message["type"])
    bench.say(session, "stop")
    (ended,) = bench.of(CallEnded)
    sent = sum(len(m) // 2 for m in messages if isinstance(m, bytes))
    for leg in ("caller", "agent"):
        frames = [(f.sample_pos, f.samples) for f in bench.frames if f.leg == leg]
        gaps = [(g.sample_pos, g.samples) for g in bench.of(GapFound) if g.leg == leg]
        position = 0
        for begin, samples in sorted(frames + gaps):
            assert begin == position
            position += samples
        assert position == sent
        assert ended.samples[leg] == sum(n for _, n in frames)
        assert ended.gaps[leg] == sum(n for _, n in gaps)
