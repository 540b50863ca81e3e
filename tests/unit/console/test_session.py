"""The desk session: what one browser is told, and when it is sent away. No socket, no store, no clock."""

from __future__ import annotations

import pytest

from console.session import Redeem
from tests.unit.console.session_world import CALL, WALL, WANG, Desk, offsets, partial, row, utterance

# signing in


def test_the_first_message_is_the_ticket_and_hello_follows() -> None:
    desk = Desk(signed_in=False)
    desk.say(t="auth", ticket="abc")
    assert desk.ask() == Redeem("abc")
    assert desk.frames() == []
    desk.session.authenticated(WANG, ("agent:u-wang", "queue"), 1.0, WALL)
    (hello,) = desk.frames()
    assert hello == {"t": "hello", "user": "u-wang", "role": "agent", "streams": ["agent:u-wang", "queue"], "now": WALL}


def test_anything_before_the_ticket_closes_4401() -> None:
    desk = Desk(signed_in=False)
    desk.say(t="resume", stream=CALL)
    assert desk.code() == 4401 and desk.session.take_asks() == []


def test_a_bad_ticket_closes_4401_and_nothing_was_sent() -> None:
    desk = Desk(signed_in=False)
    desk.say(t="auth", ticket="bad")
    desk.session.not_authenticated()
    assert desk.code() == 4401 and desk.frames() == []


def test_a_socket_without_a_ticket_is_closed_after_ten_seconds() -> None:
    desk = Desk(signed_in=False)
    desk.session.tick(10.0, WALL)
    assert desk.code() is None
    desk.session.tick(10.1, WALL)
    assert desk.code() == 4401


def test_a_second_ticket_is_refused() -> None:
    desk = Desk(signed_in=False)
    desk.say(t="auth", ticket="a")
    desk.say(t="auth", ticket="b")
    assert desk.code() == 1008


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"t":"nothing"}', '{"t":"resume"}', '{"t":"leave","stream":"x","more":1}']
)
def test_a_message_that_is_none_of_ours_closes_1008(text: str) -> None:
    desk = Desk()
    desk.session.received(text, 0.0)
    assert desk.code() == 1008


def test_more_than_a_hundred_messages_a_minute_close_4013() -> None:
    desk = Desk()  # its ticket was the first
    for _ in range(99):
        desk.say(t="leave", stream="x")
        desk.frames()
    assert desk.code() is None
    desk.now = 59.9
    desk.say(t="leave", stream="x")
    assert desk.code() == 4013


def test_a_hundred_messages_a_minute_are_welcome_for_hours() -> None:
    desk = Desk()
    for n in range(1000):
        desk.now = 1.0 + n * 0.61
        desk.say(t="leave", stream="x")
        desk.frames()
    assert desk.code() is None


# following and resuming


def test_nothing_of_a_stream_is_sent_before_the_right_to_it_is_known() -> None:
    desk = Desk()
    desk.say(t="resume", stream=CALL, epoch="e1", offset=0)
    ask = desk.ask()
    desk.push(row(1))
    desk.partial(partial(0.0, "你"))
    assert desk.frames() == []
    desk.session.refused(ask)
    assert desk.frames() == [{"t": "left", "stream": CALL, "reason": "forbidden"}]
    desk.push(row(2))
    assert desk.frames() == []


def test_missed_rows_follow_the_answer_in_order_then_live_rows() -> None:
    desk = Desk()
    desk.say(t="resume", stream=CALL, epoch="e1", offset=7)
    ask = desk.ask()
    assert (ask.stream, ask.epoch, ask.offset) == (CALL, "e1", 7)
    desk.session.recovered(ask, [row(8), row(9)])
    frames = desk.frames()
    assert frames[0] == {"t": "recovered", "stream": CALL, "recovered": True, "epoch": "e1", "offset": 7}
    desk.push(row(10))
    assert offsets(frames) == [8, 9] and offsets(desk.frames()) == [10]


def test_a_row_that_came_twice_is_sent_once() -> None:
    desk = Desk()
    desk.say(t="resume", stream=CALL, epoch="e1", offset=0)
    desk.session.recovered(desk.ask(), [row(1), row(2)])
    desk.push(row(1), row(2), row(3), row(3))
    assert offsets(desk.frames()) == [1, 2, 3]


def test_rows_that_pass_by_while_the_store_answers_are_fetched_afterwards() -> None:
    desk = Desk()
    desk.say(t="resume", stream=CALL, epoch="e1", offset=0)
    ask = desk.ask()
    desk.push(row(1), row(2), row(3))
    desk.session.recovered(ask, [row(1), row(2)])  # the store was read before row 3 stood
    assert offsets(desk.frames()) == [1, 2]
    again = desk.ask()
    assert (again.offset, again.announce) == (2, False)
    desk.session.recovered(again, [row(3)])
    assert offsets(desk.frames()) == [3]


def test_a_position_that_is_lost_gets_a_snapshot_position_and_goes_on_from_there() -> None:
    desk = Desk()
    desk.say(t="resume", stream=CALL, epoch="old", offset=3)
    desk.session.lost(desk.ask(), "e1", 40)
    assert desk.frames() == [{"t": "recovered", "stream": CALL, "recovered": False, "epoch": "e1", "offset": 40}]
    desk.push(row(41))
    assert offsets(desk.frames()) == [41]


def test_a_hole_in_the_live_rows_is_mended_before_anything_later_is_sent() -> None:
    desk = Desk()
    desk.follow()
    desk.push(row(1), row(3))
    assert offsets(desk.frames()) == [1]
    ask = desk.ask()
    assert (ask.offset, ask.announce) == (1, False)
    desk.session.recovered(ask, [row(2), row(3)])
    assert offsets(desk.frames()) == [2, 3]


def test_a_new_epoch_in_the_live_rows_tells_the_page_to_take_a_snapshot() -> None:
    desk = Desk()
    desk.follow(5)
    desk.push(row(1, epoch="e2"))
    desk.session.lost(desk.ask(), "e2", 1)
    (told,) = desk.frames()
    assert (told["recovered"], told["epoch"], told["offset"]) == (False, "e2", 1)
    desk.push(row(2, epoch="e2"))
    assert offsets(desk.frames()) == [2]


def test_the_answer_to_an_older_ask_counts_no_more() -> None:
    desk = Desk()
    desk.say(t="resume", stream=CALL, epoch="e1", offset=0)
    older = desk.ask()
    desk.say(t="resume", stream=CALL, epoch="e1", offset=0)
    newer = desk.ask()
    desk.session.recovered(older, [row(1)])
    assert desk.frames() == []
    desk.session.recovered(newer, [row(1), row(2)])
    assert offsets(desk.frames()) == [1, 2]


def test_three_hundred_missed_rows_arrive_whole_though_the_queue_takes_fewer() -> None:
    desk = Desk()
    desk.say(t="resume", stream=CALL, epoch="e1", offset=0)
    desk.session.recovered(desk.ask(), [row(n, data={"flags": ["x" * 20_000]}) for n in range(1, 301)])
    assert desk.code() is None
    assert offsets(desk.frames()) == list(range(1, 301))


def test_live_rows_behind_a_long_recovery_arrive_after_it_without_a_hole() -> None:
    desk = Desk()
    desk.say(t="resume", stream=CALL, epoch="e1", offset=0)
    desk.session.recovered(desk.ask(), [row(n) for n in range(1, 301)])
    desk.push(row(301), row(302))
    assert offsets(desk.frames()) == list(range(1, 301))
    desk.session.recovered(desk.ask(), [row(301), row(302)])
    assert offsets(desk.frames()) == [301, 302]


def test_streams_do_not_wait_for_each_other() -> None:
    desk = Desk()
    desk.follow(stream="queue")
    desk.say(t="resume", stream=CALL, epoch="e1", offset=0)
    desk.push(row(1, stream="queue"))
    assert offsets(desk.frames()) == [1]


def test_a_left_stream_is_silent() -> None:
    desk = Desk()
    desk.follow()
    desk.say(t="leave", stream=CALL)
    desk.push(row(1))
    desk.partial(partial(0.0, "你"))
    assert desk.frames() == [{"t": "left", "stream": CALL, "reason": "asked"}]


def test_the_33rd_stream_is_refused_and_the_socket_lives() -> None:
    desk = Desk()
    for n in range(32):
        desk.follow(stream=f"call:{n}")
    desk.say(t="resume", stream="call:32")
    assert desk.frames() == [{"t": "left", "stream": "call:32", "reason": "too_many"}]
    assert desk.code() is None


def test_an_ask_the_store_did_not_answer_is_made_again_at_the_next_tick() -> None:
    desk = Desk()
    desk.say(t="resume", stream=CALL, epoch="e1", offset=4)
    ask = desk.ask()
    desk.session.unanswered(ask)
    assert desk.session.take_asks() == []
    desk.session.tick(1.0, WALL)
    assert desk.ask() == ask
    desk.session.recovered(ask, [row(5)])
    assert offsets(desk.frames()) == [5]


# partials


def test_only_the_newest_partial_waits_and_finals_keep_their_place() -> None:
    desk = Desk()
    desk.follow()
    desk.partial(partial(5.0, "我家"))
    desk.push(row(1))
    desk.partial(partial(5.0, "我家停水", rev=2))
    first, second = desk.frames()
    assert (first["t"], first["stable"], first["rev"]) == ("partial", "我家停水", 2)
    assert second["t"] == "pushed"
    assert "offset" not in first


def test_a_partial_whose_final_is_known_is_not_sent() -> None:
    desk = Desk()
    desk.follow()
    desk.partial(partial(1.0, "停水"))
    desk.push(utterance(1, end_s=2.5))
    desk.partial(partial(1.0, "停水了", rev=9))  # overtaken by its final
    assert [f["t"] for f in desk.frames()] == ["pushed"]
    desk.partial(partial(3.0, "还有"))
    assert [f["stable"] for f in desk.frames()] == ["还有"]


# the slow browser


def test_a_full_queue_closes_4008() -> None:
    desk = Desk()
    desk.follow()
    desk.push(*(row(n) for n in range(1, 257)))
    assert desk.code() is None
    desk.push(row(257))
    assert desk.code() == 4008
    assert desk.session.take() is None, "what waits is not sent after the close: the page resumes"


def test_a_stalled_browser_is_not_closed_for_partials() -> None:
    desk = Desk()
    desk.follow()
    for n in range(5000):
        desk.partial(partial(1.0, "字" * (n % 50), rev=n))
    assert desk.code() is None


# the line


def test_a_beat_every_15_s_says_where_each_stream_stands() -> None:
    desk = Desk()
    desk.follow(2)
    desk.push(row(3))
    desk.frames()
    desk.session.tick(14.9, WALL)
    assert desk.frames() == []
    desk.session.tick(15.0, WALL)
    assert desk.frames() == [{"t": "beat", "now": WALL, "offsets": {CALL: 3}}]


def test_after_the_close_nothing_moves_any_more() -> None:
    desk = Desk()
    desk.follow()
    desk.session.close(1001, "drain")
    desk.session.close(4008, "slow")
    desk.push(row(1))
    desk.say(t="resume", stream="queue")
    desk.session.tick(1000.0, WALL)
    assert (desk.code(), desk.frames(), desk.session.take_asks()) == (1001, [], [])
