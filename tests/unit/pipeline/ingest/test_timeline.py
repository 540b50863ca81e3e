"""One leg's line of samples: frames and gaps cover it, whatever the cut of the messages."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.ingest.timeline import Gap, Timeline
from schemas.audio import Frame


def frames(pieces: list[Frame | Gap]) -> list[Frame]:
    return [piece for piece in pieces if isinstance(piece, Frame)]


def test_frames_of_20_ms_are_gathered_to_100_ms() -> None:
    leg = Timeline("c", "caller", "PCMA", 8000)
    out = [leg.take(bytes([n]) * 160, mono=n) for n in range(7)]
    assert [len(pieces) for pieces in out] == [0, 0, 0, 0, 1, 0, 0]
    (frame,) = frames(out[4])
    assert (frame.seq, frame.sample_pos, frame.samples, frame.recv_mono) == (1, 0, 800, 4)
    assert frame.data == b"".join(bytes([n]) * 160 for n in range(5))


def test_a_long_message_is_cut() -> None:
    leg = Timeline("c", "caller", "L16", 16000)
    assert [frame.samples for frame in frames(leg.take(bytes(32000), 0))] == [1600] * 10


def test_what_is_held_is_handed_on_when_asked() -> None:
    leg = Timeline("c", "caller", "PCMA", 8000)
    leg.take(bytes(160), 0)
    assert [frame.samples for frame in frames(leg.flush(1))] == [160]
    assert leg.flush(2) == []


def test_a_gap_pushes_positions_and_is_told_before_the_audio_after_it() -> None:
    leg = Timeline("c", "caller", "PCMA", 8000)
    leg.take(bytes(160), 0)
    flushed = leg.miss(40, "malformed", 1)
    assert [frame.samples for frame in frames(flushed)] == [160]
    gap, frame = leg.take(bytes(800), 2)
    assert gap == Gap(leg="caller", sample_pos=160, samples=40, cause="malformed")
    assert isinstance(frame, Frame)
    assert (frame.seq, frame.sample_pos) == (2, 200)


def test_gaps_of_one_cause_grow_together_and_of_two_causes_stay_apart() -> None:
    leg = Timeline("c", "caller", "PCMA", 8000)
    assert leg.miss(10, "malformed", 0) == []
    assert leg.miss(20, "malformed", 0) == []
    assert leg.miss(30, "lost", 0) == [Gap(leg="caller", sample_pos=0, samples=30, cause="malformed")]
    assert leg.finish(0) == [Gap(leg="caller", sample_pos=30, samples=30, cause="lost")]
    assert (leg.received, leg.missing, leg.end) == (0, 60, 60)


def test_nothing_missing_is_no_gap() -> None:
    leg = Timeline("c", "caller", "PCMA", 8000)
    assert leg.miss(0, "lost", 0) == leg.miss(-5, "lost", 0) == leg.take(b"", 0) == leg.finish(0) == []


def test_a_frame_the_log_did_not_take_is_an_overflow_gap_at_its_place() -> None:
    leg = Timeline("c", "caller", "PCMA", 8000)
    (first, second) = frames(leg.take(bytes(1600), 0))
    assert leg.unkept(second) == Gap(leg="caller", sample_pos=800, samples=800, cause="overflow")
    assert (leg.received, leg.missing) == (800, 800)
    assert frames(leg.take(bytes(800), 0))[0].sample_pos == 1600
    assert first.seq == 1


@settings(deadline=None)  # a busy machine is no failure
@given(
    audio=st.binary(max_size=6000),
    cuts=st.lists(st.integers(0, 3000), max_size=30),
)
def test_any_cut_of_the_same_audio_gives_the_same_records(audio: bytes, cuts: list[int]) -> None:
    audio = audio[: len(audio) // 2 * 2]
    whole = Timeline("c", "caller", "L16", 8000)
    expected = [frame.data for frame in frames(whole.take(audio, 0) + whole.finish(0))]
    leg = Timeline("c", "caller", "L16", 8000)
    got: list[Frame] = []
    edges = sorted({0, len(audio), *(min(2 * cut, len(audio)) for cut in cuts)})
    for begin, end in pairwise(edges):
        got += frames(leg.take(audio[begin:end], 0))
    got += frames(leg.finish(0))
    assert [frame.data for frame in got] == expected
    assert b"".join(frame.data for frame in got) == audio
    assert [frame.seq for frame in got] == list(range(1, len(got) + 1))


steps = st.lists(
    st.one_of(
        st.tuples(st.just("take"), st.integers(0, 2000)),
        st.tuples(st.sampled_from(["lost", "paused", "malformed"]), st.integers(0, 2000)),
        st.tuples(st.just("flush"), st.just(0)),
    ),
    max_size=40,
)


@settings(deadline=None)  # a busy machine is no failure
@given(steps)
def test_frames_and_gaps_always_cover_the_line_without_overlap(steps: list[tuple[str, int]]) -> None:
    leg = Timeline("c", "caller", "PCMU", 8000)
    pieces: list[Frame | Gap] = []
    for kind, samples in steps:
        if kind == "take":
            pieces += leg.take(bytes(samples), 0)
        elif kind == "flush":
            pieces += leg.flush(0)
        else:
            pieces += leg.miss(samples, kind, 0)  # type: ignore[arg-type]
    pieces += leg.finish(0)
    position = 0
    for piece in pieces:
        assert piece.sample_pos == position
        position += piece.samples
    assert position == leg.end == leg.received + leg.missing == sum(n for kind, n in steps if kind != "flush")
