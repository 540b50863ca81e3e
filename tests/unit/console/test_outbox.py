"""The bounded queue of one browser."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from console.outbox import Outbox

LEG = ("call-1", "caller")


def test_frames_leave_in_the_order_they_came() -> None:
    box = Outbox()
    assert box.put(b"1") and box.put_partial(LEG, b"2", 0.0) and box.put(b"3")
    assert [box.take(), box.take(), box.take(), box.take()] == [b"1", b"2", b"3", None]


def test_the_newest_partial_of_a_leg_takes_the_place_of_the_older() -> None:
    box = Outbox()
    box.put_partial(LEG, b"old", 0.0)
    box.put_partial(("call-1", "agent"), b"other leg", 0.0)
    box.put(b"final")
    box.put_partial(LEG, b"new", 0.0)
    assert [box.take() for _ in range(4)] == [b"new", b"other leg", b"final", None]


def test_a_partial_already_sent_is_not_replaced() -> None:
    box = Outbox()
    box.put_partial(LEG, b"old", 0.0)
    assert box.take() == b"old"
    box.put_partial(LEG, b"new", 0.0)
    assert box.take() == b"new"


def test_the_257th_message_is_refused() -> None:
    box = Outbox()
    assert all(box.put(b"x") for _ in range(256))
    assert not box.put(b"x")
    assert len(box) == 256


def test_more_than_one_mebibyte_is_refused_but_for_a_single_frame() -> None:
    box = Outbox()
    assert box.put(b"x" * (2 << 20))
    assert not box.put(b"y")
    box.take()
    assert box.put(b"y")


def test_partials_do_not_fill_the_queue() -> None:
    box = Outbox()
    for n in range(10_000):
        assert box.put_partial(LEG, b"%d" % n, 0.0)
    assert len(box) == 1 and box.take() == b"9999"


def test_a_final_takes_back_the_waiting_partial_of_its_speech_only() -> None:
    box = Outbox()
    box.put_partial(LEG, b"same speech", 1.0)
    box.drop_partial(LEG, 2.0)
    assert box.take() is None and box.size == 0
    box.put_partial(LEG, b"next speech", 3.0)
    box.drop_partial(LEG, 2.0)
    assert box.take() == b"next speech"


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["frame", "partial", "drop", "take"]), st.integers(0, 40))))
def test_the_size_is_that_of_what_waits(acts: list[tuple[str, int]]) -> None:
    box = Outbox(max_messages=8, max_bytes=100)
    for act, n in acts:
        if act == "frame":
            box.put(b"x" * n)
        elif act == "partial":
            box.put_partial(("call", str(n % 3)), b"p" * n, n)
        elif act == "drop":
            box.drop_partial(("call", str(n % 3)), n)
        else:
            box.take()
    waiting = 0
    size = box.size
    while (data := box.take()) is not None:
        waiting += len(data)
    assert (size, box.size) == (waiting, 0)
