"""One connection as a protocol."""

from __future__ import annotations

import pytest

from pipeline.ingest.past import Past
from pipeline.ingest.refusal import Refused
from pipeline.ingest.session import Session
from schemas.calls import CallEnded
from tests.unit.pipeline.ingest.bench import SWITCH, Bench, start_message


def test_no_start_within_five_seconds_ends_the_connection_without_a_call() -> None:
    bench = Bench()
    session = bench.session()
    bench.pass_s(4.9)
    session.check(bench.now)
    bench.pass_s(0.2)
    with pytest.raises(Refused) as refused:
        session.check(bench.now)
    assert (refused.value.reason, refused.value.code) == ("no_start", 1008)
    assert bench.board.calls == {}


def test_audio_before_the_start_is_dropped_and_counted_and_does_not_buy_time() -> None:
    bench = Bench()
    session = bench.session()
    bench.hear(session, bytes(320))
    bench.hear(session, bytes(320))
    assert session.dropped["before_start"] == 2
    bench.pass_s(5.0)
    with pytest.raises(Refused) as refused:
        bench.hear(session, bytes(320))
    assert refused.value.reason == "no_start"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("hello", 1007),
        ('{"type":"stop"}', 1008),
        ('{"type":"start"}', 1007),
        (start_message(codec="GSM"), 1003),
        (start_message(rate=11025), 1003),
    ],
)
def test_a_wrong_first_message_is_refused_and_opens_no_call(text: str, code: int) -> None:
    bench = Bench()
    with pytest.raises(Refused) as refused:
        bench.session().text(text, bench.now)
    assert refused.value.code == code
    assert bench.board.calls == {}


def test_audio_after_the_stop_is_dropped_and_counted_and_the_line_closes_by_itself() -> None:
    bench = Bench()
    session = bench.started()
    bench.say(session, "stop")
    bench.hear(session, bytes(320))
    bench.say(session, "hold")
    assert session.dropped["after_stop"] == 2
    assert bench.frames == []
    bench.pass_s(0.6)
    with pytest.raises(Refused) as refused:
        session.check(bench.now)
    assert (refused.value.reason, refused.value.code) == ("stopped", 1000)
    session.closed(True, bench.now)
    bench.collect()
    assert len(bench.of(CallEnded)) == 1


def test_a_second_start_on_one_connection_is_refused() -> None:
    bench = Bench()
    session = bench.started()
    with pytest.raises(Refused, match="has its call already"):
        session.text(start_message(), bench.now)


def test_messages_a_newer_switch_may_send_are_counted_and_pass() -> None:
    bench = Bench()
    session = bench.started()
    bench.say(session, "mood", value="good")
    assert session.dropped["unknown_message"] == 1


def test_a_source_that_was_taken_over_gets_not_one_more_sample_in() -> None:
    bench = Bench()
    first = bench.started()
    bench.pass_s(2.0)
    bench.started()
    for message in (lambda: first.binary(bytes(1600), bench.now), lambda: first.text('{"type":"stop"}', bench.now)):
        with pytest.raises(Refused) as refused:
            message()
        assert refused.value.reason == "taken_over"
    bench.collect()
    assert bench.frames == []
    assert bench.of(CallEnded) == []


def test_an_empty_message_is_the_goodbye_of_mod_audio_fork() -> None:
    bench = Bench()
    session = Session(bench.board, SWITCH, bench.now, empty_ends=True)
    start = session.text(start_message(), bench.now)
    assert start is not None
    session.seated(start, Past(), bench.now)
    bench.hear(session, bytes(320))
    bench.hear(session, b"")
    assert [body.reason for body in bench.of(CallEnded)] == ["stopped"]
    assert session.deadline is not None


def test_an_empty_message_is_nothing() -> None:
    bench = Bench()
    session = bench.started()
    assert bench.hear(session, b"") == 0.0
    assert bench.frames == []


def test_a_connection_that_never_had_a_call_ends_quietly() -> None:
    bench = Bench()
    bench.session().closed(False, bench.now)
    assert bench.bodies == []
