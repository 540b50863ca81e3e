from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.asr.options import SegmentOptions
from pipeline.asr.segmenter import Change, Closed, Opened, Paused, Segmenter
from pipeline.asr.vad import FRAME

OPTIONS = SegmentOptions()
S = 16_000


def frames(seconds: float) -> int:
    return round(seconds * S / FRAME)


def run(*stretches: tuple[float, float], options: SegmentOptions = OPTIONS) -> tuple[list[Change], Segmenter]:
    """(probability, seconds) stretches → changes."""
    segmenter, changes = Segmenter(options), []
    for probability, seconds in stretches:
        for _ in range(frames(seconds)):
            changes += segmenter.push(probability)
    return changes, segmenter


def closed(changes: list[Change]) -> list[Closed]:
    return [change for change in changes if isinstance(change, Closed)]


def test_an_utterance_opens_with_look_back_pauses_and_closes_after_half_a_second() -> None:
    changes, _ = run((0.0, 2.0), (0.9, 3.0), (0.0, 1.0))
    opened, paused, end = changes
    assert opened == Opened(frames(2.0) * FRAME - int(0.4 * S))
    assert isinstance(paused, Paused)
    assert isinstance(end, Closed)
    assert (paused.start, paused.end) == (end.start, end.end)
    assert end.end == (frames(2.0) + frames(3.0)) * FRAME + int(0.25 * S)
    assert end.speech_s == pytest.approx(3.0, abs=0.04)
    assert end.certainty == pytest.approx(0.9)


def test_a_short_pause_within_a_sentence_closes_nothing_but_is_announced() -> None:
    changes, segmenter = run((0.9, 2.0), (0.0, 0.4), (0.9, 1.0))
    assert [type(change) for change in changes] == [Opened, Paused]
    assert segmenter.open_start == 0


def test_a_click_opens_nothing() -> None:
    changes, _ = run((0.0, 1.0), (0.9, 0.064), (0.0, 2.0))
    assert changes == []


def test_a_doubtful_frame_neither_opens_nor_closes() -> None:
    changes, segmenter = run((0.4, 3.0))
    assert changes == []
    changes, segmenter = run((0.9, 1.0), (0.4, 3.0))
    assert [type(change) for change in changes] == [Opened]
    assert segmenter.open_start is not None


def test_a_long_utterance_closes_at_a_shorter_silence() -> None:
    short, _ = run((0.9, 3.0), (0.0, 0.4), (0.9, 1.0))
    long, _ = run((0.9, 9.0), (0.0, 0.4), (0.9, 1.0))
    assert not closed(short)
    assert len(closed(long)) == 1


def test_endless_talk_is_cut_at_its_quietest_late_point_and_goes_on_there() -> None:
    changes, _ = run((0.9, 10.0), (0.5, 0.1), (0.9, 8.0))
    first = closed(changes)[0]
    assert first.cut
    assert first.end / S == pytest.approx(10.05, abs=0.06)
    assert Opened(first.end) in changes


def test_speech_without_any_dip_is_cut_all_the_same() -> None:
    changes, _ = run((0.9, 60.0))
    assert len(closed(changes)) >= 4
    assert all(c.end - c.start <= OPTIONS.longest_s * S for c in closed(changes))


def test_the_end_of_the_stream_closes_what_is_open() -> None:
    _, segmenter = run((0.9, 1.0), (0.0, 0.2))
    last = segmenter.flush()
    assert last is not None
    assert last.end == (frames(1.0) + frames(0.2)) * FRAME
    assert segmenter.flush() is None


def test_the_next_utterance_never_reaches_back_into_the_last() -> None:
    changes, _ = run((0.9, 1.0), (0.0, 0.55), (0.9, 1.0), (0.0, 1.0))
    one, two = closed(changes)
    assert two.start >= one.end


PROBABILITIES = st.lists(
    st.tuples(st.sampled_from([0.0, 0.3, 0.4, 0.6, 0.95]), st.integers(1, 120)), min_size=1, max_size=30
).map(lambda runs: [p for p, count in runs for _ in range(count)])


@settings(max_examples=150, deadline=None)
@given(PROBABILITIES)
def test_segments_rise_never_overlap_and_are_bounded(probabilities: list[float]) -> None:
    segmenter = Segmenter(OPTIONS)
    found = []
    for n, probability in enumerate(probabilities, start=1):
        for change in segmenter.push(probability):
            if isinstance(change, Closed):
                found.append(change)
            assert change.start >= 0
        assert segmenter.earliest <= n * FRAME
        if segmenter.open_start is not None:
            assert segmenter.earliest <= segmenter.open_start
    if (last := segmenter.flush()) is not None:
        found.append(last)
    for one in found:
        assert 0 <= one.start < one.end <= len(probabilities) * FRAME
        assert one.end - one.start <= (OPTIONS.longest_s + 0.6) * S
        assert 0.0 < one.certainty <= 1.0
    for one, two in pairwise(found):
        assert one.end <= two.start


@settings(max_examples=80, deadline=None)
@given(PROBABILITIES, st.data())
def test_a_restored_segmenter_goes_on_as_if_nothing_had_happened(
    probabilities: list[float], data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(probabilities)))
    one, two = Segmenter(OPTIONS), Segmenter(OPTIONS)
    for probability in probabilities[:at]:
        one.push(probability)
    two.restore(one.snapshot())
    for probability in probabilities[at:]:
        assert one.push(probability) == two.push(probability)
    assert one.flush() == two.flush()


def test_every_frame_of_speech_lies_in_a_segment() -> None:
    changes, _ = run((0.0, 1.0), (0.9, 20.0), (0.0, 1.0), (0.8, 4.0), (0.0, 1.0))
    spans = [(c.start, c.end) for c in closed(changes)]
    speech = [*range(frames(1.0), frames(1.0) + frames(20.0))]
    assert all(any(start <= f * FRAME and (f + 1) * FRAME <= end for start, end in joined(spans)) for f in speech)


def joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for start, end in spans:
        if out and out[-1][1] == start:
            out[-1] = (out[-1][0], end)
        else:
            out.append((start, end))
    return out
