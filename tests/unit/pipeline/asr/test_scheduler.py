from __future__ import annotations

from pipeline.asr.options import BatchOptions
from pipeline.asr.padding import padded_frames
from pipeline.asr.readings import Window
from pipeline.asr.scheduler import CAREFUL, FINAL, LIKELY, PARTIAL, Rank, Request, Speed, pick

OPTIONS = BatchOptions(partial_budget_s=0.4)


def request(rank: Rank, seconds: float, due: float = 0.0, stream: str = "a", strikes: int = 0) -> Request:
    samples = int(seconds * 16_000)
    window = Window(stream=stream, start=0, end=samples, pcm=bytes(2 * samples), final=rank in (FINAL, CAREFUL))
    return Request(window=window, rank=rank, due=due, strikes=strikes)


def chosen(*waiting: Request, speed: float = 0.01, rows: int = 8) -> list[Request]:
    return pick(waiting, lambda window: padded_frames(window.samples, True), OPTIONS, rows, Speed(speed))


def test_nothing_waits_nothing_is_picked() -> None:
    assert chosen() == []


def test_finals_go_before_everything_the_oldest_first() -> None:
    late, early = request(FINAL, 3, due=2), request(FINAL, 9, due=1)
    assert chosen(request(PARTIAL, 3), late, request(LIKELY, 3), early)[0] is early


def test_second_readings_go_after_finals_and_likely_finals_before_partials() -> None:
    likely, partial, careful = request(LIKELY, 3), request(PARTIAL, 3), request(CAREFUL, 3)
    assert chosen(partial, likely) == [likely]
    assert chosen(partial, likely, careful) == [careful]


def test_a_final_is_batched_only_with_windows_of_its_own_padded_length() -> None:
    lead, same, other, likely = (
        request(FINAL, 4.1),
        request(FINAL, 4.3, due=1),
        request(FINAL, 6.0, due=2),
        request(LIKELY, 4.4, due=3),
    )
    assert chosen(lead, same, other, likely, request(PARTIAL, 4.2)) == [lead, same, likely]


def test_a_batch_never_exceeds_its_rows() -> None:
    assert len(chosen(*[request(FINAL, 4.0, due=n) for n in range(20)], rows=8)) == 8


def test_partials_of_about_one_length_share_a_batch_as_far_as_the_budget_goes() -> None:
    partials = [request(PARTIAL, 3.9, due=n) for n in range(6)]
    assert len(chosen(*partials, speed=0.01)) == 6
    assert len(chosen(*partials, speed=0.03)) == 3
    assert len(chosen(*partials, speed=0.15)) == 1
    assert chosen(request(PARTIAL, 2.0), request(PARTIAL, 9.0, due=1))[0].window.seconds == 2.0


def test_the_oldest_partial_is_always_served() -> None:
    old = request(PARTIAL, 11.9, due=0)
    assert old in chosen(old, *[request(PARTIAL, 2.0, due=1 + n) for n in range(8)], speed=0.05)


def test_a_partial_the_machine_cannot_afford_is_left_to_its_final() -> None:
    dear, cheap = request(PARTIAL, 12.0), request(PARTIAL, 2.0, due=1)
    assert chosen(dear, cheap, speed=0.1) == [cheap]
    assert chosen(dear, speed=0.1) == []
    assert chosen(request(LIKELY, 12.0), speed=0.1)
    assert not chosen(request(LIKELY, 12.0), speed=0.5)
    assert chosen(request(FINAL, 12.0), speed=0.5)


def test_a_window_an_engine_died_over_is_tried_alone() -> None:
    struck = request(FINAL, 4.0, due=5, strikes=1)
    fine = request(FINAL, 4.0, due=6)
    assert chosen(struck, fine) == [struck]
    assert chosen(request(FINAL, 4.0, due=1), struck) != [struck]


def test_measured_speed_follows_the_machine() -> None:
    speed = Speed(0.1)
    for _ in range(20):
        speed.learn(10.0, 0.5)
    assert abs(speed.expected(10.0) - 0.5) < 0.01
    speed.learn(0.0, 1.0)
    assert abs(speed.expected(10.0) - 0.5) < 0.01


def test_a_busy_engine_leaves_out_partials_that_an_idle_one_reads() -> None:
    speed, long = Speed(0.05), request(PARTIAL, 9.0)
    pads = lambda window: padded_frames(window.samples, True)  # noqa: E731
    assert pick([long], pads, OPTIONS, 8, speed) == [long]
    for now in range(1, 9):
        speed.worked(0.9, float(now))
    assert speed.busy > 0.5
    assert pick([long], pads, OPTIONS, 8, speed) == []
    assert pick([request(FINAL, 9.0), long], pads, OPTIONS, 8, speed) != []
    speed.worked(0.01, 60.0)  # a quiet minute later
    assert pick([long], pads, OPTIONS, 8, speed) == [long]
