"""The desk session when rights end: signed out, another role, a call that went to another desk."""

from __future__ import annotations

from typing import Any

import pytest

from console.following import Recover
from console.ports import PushRow
from console.session import Validate
from schemas.commands import Actor
from tests.unit.console.session_world import CALL, WALL, WANG, Desk, offsets, partial, row


def tick_through(desk: Desk, until: float, answer: Any) -> float | None:
    """Runs the clock in whole seconds, answers asks about the sign-in; gives the time of the close."""
    while desk.now < until:
        desk.now += 1.0
        desk.session.tick(desk.now, WALL)
        for ask in desk.session.take_asks():
            if isinstance(ask, Validate):
                desk.session.validated(answer, desk.now)
            elif isinstance(ask, Recover):
                desk.session.recovered(ask, [])
        desk.frames()
        if desk.session.closing is not None:
            return desk.now
    return None


@pytest.mark.parametrize(
    ("now_is", "code"),
    [
        (None, 4401),
        (Actor(user="u-wang", login="wang", name="王先生", role="analyst"), 4403),
        (Actor(user="u-wang", login="wang", name="王先生", role="supervisor"), 4403),
    ],
)
@pytest.mark.parametrize("offset_s", [0.0, 1.0, 2.0, 2.9])
def test_a_sign_in_that_ended_or_changed_its_role_closes_the_socket_within_5_s(
    now_is: Actor | None, code: int, offset_s: float
) -> None:
    desk = Desk()
    assert tick_through(desk, 30.0 + offset_s, WANG) is None
    changed = desk.now
    closed = tick_through(desk, changed + 60.0, now_is)
    assert closed is not None and closed - changed <= 5.0
    assert desk.code() == code


def test_a_sign_in_that_can_not_be_checked_for_a_minute_is_not_left_open() -> None:
    desk = Desk()
    while desk.session.closing is None and desk.now < 300:
        desk.now += 1.0
        desk.session.tick(desk.now, WALL)
        for ask in desk.session.take_asks():
            desk.session.unanswered(ask)
        desk.frames()
    assert desk.code() == 1012 and desk.now <= 62.0


def summary(offset: int, agent: str) -> PushRow:
    return row(offset, kind="call", data={"id": "c-1", "agent": agent})


def test_a_call_that_goes_to_another_desk_is_shown_no_further_until_the_right_is_known() -> None:
    desk = Desk()
    desk.follow()
    desk.push(summary(1, "u-li"), row(2))
    desk.partial(partial(1.0, "机密"))
    assert desk.frames() == []
    desk.session.refused(desk.ask())
    assert desk.frames() == [{"t": "left", "stream": CALL, "reason": "forbidden"}]


def test_one_who_may_still_follow_it_misses_nothing() -> None:
    desk = Desk()
    desk.follow()
    desk.push(summary(1, "u-li"), row(2))
    desk.session.recovered(desk.ask(), [summary(1, "u-li")])
    assert offsets(desk.frames()) == [1]
    desk.session.recovered(desk.ask(), [row(2)])
    assert offsets(desk.frames()) == [2]


def test_ones_own_and_waiting_calls_are_shown_without_asking() -> None:
    desk = Desk()
    desk.follow()
    desk.push(summary(1, ""), summary(2, "u-wang"))
    assert offsets(desk.frames()) == [1, 2] and desk.session.take_asks() == []


def test_right_and_position_of_each_stream_are_asked_anew_every_minute() -> None:
    desk = Desk()
    desk.follow(9)
    assert tick_through(desk, 59.0, WANG) is None
    desk.session.tick(60.0, WALL)
    asked = [ask for ask in desk.session.take_asks() if isinstance(ask, Recover)]
    assert [(a.stream, a.offset, a.announce) for a in asked] == [(CALL, 9, False)]
