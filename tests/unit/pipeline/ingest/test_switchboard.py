"""Who may feed which call: one source at a time, joins are gaps, every call ends once."""

from __future__ import annotations

import pytest

from pipeline.ingest.past import LegPast, Past
from pipeline.ingest.refusal import Refused
from pipeline.ingest.start import Switch
from pipeline.ingest.switchboard import Limits
from schemas.calls import CallEnded, CallStarted, GapFound, NoticeGiven
from tests.unit.pipeline.ingest.bench import Bench

STEREO = bytes(320)  # 20 ms of A-law


def test_a_second_source_for_a_call_that_is_heard_is_refused_and_the_first_notices_nothing() -> None:
    bench = Bench()
    first = bench.started()
    bench.stream(first, 1.0, STEREO)
    with pytest.raises(Refused) as refused:
        bench.started()
    assert (refused.value.reason, refused.value.code) == ("taken", 4409)
    bench.stream(first, 1.0, STEREO)
    assert first.evicted is None
    bench.say(first, "stop")
    assert bench.of(CallEnded)[0].samples["caller"] == 16000
    assert bench.of(GapFound) == []


def test_a_second_source_wins_a_call_silent_for_two_seconds_and_the_join_is_a_gap() -> None:
    bench = Bench()
    first = bench.started()
    bench.stream(first, 1.0, b"\x01" * 320)
    bench.pass_s(2.0)
    second = bench.started()
    assert first.evicted is not None
    assert (first.evicted.reason, first.evicted.code) == ("taken_over", 4409)
    with pytest.raises(Refused):
        first.check(bench.now)
    first.closed(False, bench.now)  # the old connection's end is no matter of the call any more
    bench.stream(second, 1.0, b"\x02" * 320)
    bench.say(second, "stop")
    assert len(bench.of(CallStarted)) == len(bench.of(CallEnded)) == 1
    assert [(g.sample_pos, g.samples, g.cause) for g in bench.of(GapFound)] == [(8000, 16000, "lost")] * 2
    assert bench.audio()["caller"] == b"\x01" * 8000 + b"\x02" * 8000
    assert [f.seq for f in bench.frames if f.leg == "caller"] == list(range(1, 21))


def test_a_source_just_seated_counts_as_heard() -> None:
    bench = Bench()
    bench.started()
    bench.pass_s(1.9)
    with pytest.raises(Refused):
        bench.started()


def test_a_source_of_another_switch_never_gets_the_call() -> None:
    bench = Bench()
    bench.started()
    bench.pass_s(60.0)
    with pytest.raises(Refused, match="another switch") as refused:
        bench.started(switch=Switch(name="fs2", token="u" * 16))
    assert refused.value.reason == "taken"


def test_a_source_that_comes_back_with_another_format_is_refused() -> None:
    bench = Bench()
    session = bench.started()
    session.closed(False, bench.now)
    with pytest.raises(Refused, match=r"PCMA 8000 Hz caller\+agent"):
        bench.started(rate=16000)


def test_a_dropped_connection_ends_as_lost_after_the_grace_time_once() -> None:
    bench = Bench()
    session = bench.started()
    bench.stream(session, 1.0, STEREO)
    session.closed(False, bench.now)
    bench.pass_s(9.9)
    assert bench.of(CallEnded) == []
    bench.pass_s(0.2)
    bench.pass_s(20.0)
    (ended,) = bench.of(CallEnded)
    assert ended.reason == "lost"
    assert ended.samples == {"caller": 8000, "agent": 8000}


def test_a_dropped_connection_loses_nothing_it_had_delivered() -> None:
    bench = Bench()
    session = bench.started()
    bench.hear(session, STEREO)
    session.closed(False, bench.now)
    bench.collect()
    assert [frame.samples for frame in bench.frames] == [160, 160]


def test_a_source_back_within_the_grace_time_goes_on_after_a_gap() -> None:
    bench = Bench()
    session = bench.started()
    bench.stream(session, 1.0, STEREO)
    session.closed(False, bench.now)
    bench.pass_s(3.0)
    back = bench.started()
    bench.stream(back, 1.0, STEREO)
    bench.say(back, "stop")
    assert len(bench.of(CallStarted)) == len(bench.of(NoticeGiven)) == len(bench.of(CallEnded)) == 1
    assert bench.of(CallEnded)[0].samples["caller"] == 16000
    assert bench.of(CallEnded)[0].gaps["caller"] == 24000


def test_a_source_that_hangs_up_without_a_stop_ends_the_call_as_closed() -> None:
    bench = Bench()
    session = bench.started()
    session.closed(True, bench.now)
    bench.collect()
    assert bench.of(CallEnded)[0].reason == "closed"


def test_a_source_that_comes_back_may_bring_the_notice() -> None:
    bench = Bench()
    session = bench.started(notice="pending")
    session.closed(False, bench.now)
    bench.stream(bench.started(notice="played"), 1.0, STEREO)
    assert bench.of(NoticeGiven) == [NoticeGiven(how="played")]
    assert bench.audio()["caller"] == bytes(8000)


def test_a_call_that_has_ended_is_not_opened_again() -> None:
    bench = Bench()
    with pytest.raises(Refused) as refused:
        bench.started(past=Past(ended=True))
    assert (refused.value.reason, refused.value.code) == ("ended", 4409)


def test_a_call_that_ended_while_another_source_looked_it_up_is_not_opened_again() -> None:
    bench = Bench()
    looked_up_before_the_end = Past()
    bench.say(bench.started(), "stop")
    with pytest.raises(Refused) as refused:
        bench.started(past=looked_up_before_the_end)
    assert refused.value.reason == "ended"


def test_a_call_without_any_audio_ends_as_silent_but_not_while_paused_or_held() -> None:
    for kind, ends in (("dtmf", 1), ("pause", 0), ("hold", 0)):
        bench = Bench()
        session = bench.started()
        bench.say(session, kind)
        bench.pass_s(121.0)
        assert [body.reason for body in bench.of(CallEnded)] == ["silent"] * ends
        assert (session.evicted is not None) == bool(ends)


def test_a_call_longer_than_allowed_ends_by_limit() -> None:
    bench = Bench(Limits(max_call_s=60.0))
    session = bench.started()
    bench.stream(session, 59.0, bytes(3200), 0.2)
    assert session.evicted is None
    bench.stream(session, 2.0, bytes(3200), 0.2)
    bench.pass_s(0.0)
    assert bench.of(CallEnded)[0].reason == "limit"
    assert session.evicted is not None


def test_a_call_of_an_earlier_life_goes_on_where_its_log_ends() -> None:
    bench = Bench()
    started = CallStarted(
        door="ws", switch="fs1", source="src-1", legs=("caller", "agent"), codec="PCMA", rate=8000, ani="1"
    )
    heard_at = bench.now.utc.timestamp() - 5.0
    past = Past(
        started=started,
        started_offset=7,
        started_at=heard_at - 10,
        notice=True,
        events=4,
        legs={
            "caller": LegPast(seq=100, received=79000, gaps=[(500, 1000)], heard_at=heard_at),
            "agent": LegPast(seq=100, received=79000, gaps=[(500, 1000)], heard_at=heard_at),
        },
    )
    session = bench.started(past=past)
    bench.stream(session, 1.0, STEREO)
    bench.say(session, "stop")
    assert bench.of(CallStarted) == []
    assert [(g.sample_pos, g.samples, g.cause) for g in bench.of(GapFound)] == [(80000, 40000, "lost")] * 2
    assert (bench.frames[0].seq, bench.frames[0].sample_pos) == (101, 120000)
    assert bench.of(CallEnded)[0].samples == {"caller": 87000, "agent": 87000}
    assert bench.of(CallEnded)[0].gaps == {"caller": 41000, "agent": 41000}


def test_a_call_of_an_earlier_life_nobody_comes_for_ends_as_lost() -> None:
    bench = Bench()
    started = CallStarted(door="ws", switch="fs1", source="s", legs=("mixed",), codec="L16", rate=8000)
    bench.board.adopt("id", started, Past(started=started, legs={"mixed": LegPast()}), bench.now)
    bench.pass_s(9.0)
    assert bench.of(CallEnded) == []
    bench.pass_s(2.0)
    assert bench.of(CallEnded) == [CallEnded(reason="lost", samples={"mixed": 0}, gaps={"mixed": 0})]


def test_the_oldest_open_call_tells_where_the_next_life_must_look() -> None:
    bench = Bench()
    assert bench.board.oldest_open is None
    for n in (5, 3, 9):
        session = bench.started(call=f"src-{n}")
        assert session.call is not None
        session.call.started_offset = n
    assert bench.board.oldest_open == 3
