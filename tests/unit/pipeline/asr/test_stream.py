from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.asr.options import EarOptions
from pipeline.asr.stream import BadFrame, Began, Due, Effect, Ended, LegStream, Muted
from pipeline.audio.g711 import encode
from schemas.audio import Frame
from tests.unit.pipeline.asr.voice import silence, talk

OPTIONS = EarOptions()
SOUND = talk([("s", 0.6), ("v", 1.6), ("s", 0.9), ("v", 0.7), ("s", 0.3), ("v", 0.8), ("s", 0.8)])


def frame(pcm: np.ndarray, at: int, codec: str = "PCMA", rate: int = 8000) -> Frame:
    data = encode(codec, pcm)
    return Frame(
        call="c",
        leg="caller",
        seq=0,
        sample_pos=at,
        codec=codec,
        rate=rate,
        data=data,
        recv_mono=0,  # type: ignore[arg-type]
    )


def hear(leg: LegStream, pcm: np.ndarray, at: int = 0, step: int = 160, codec: str = "PCMA") -> list[Effect]:
    effects: list[Effect] = []
    for start in range(0, len(pcm), step):
        effects += leg.push(frame(pcm[start : start + step], at + start, codec))
    return effects


def new() -> LegStream:
    return LegStream("c/caller", 8000, OPTIONS)


def ended(effects: list[Effect]) -> list[Ended]:
    return [effect for effect in effects if isinstance(effect, Ended)]


WHOLE = hear(new(), SOUND, step=len(SOUND))


def test_speech_begins_is_read_on_the_way_and_ends() -> None:
    kinds = [type(effect) for effect in WHOLE]
    assert kinds.count(Began) == kinds.count(Ended) == 2
    assert kinds.index(Began) < kinds.index(Due) < kinds.index(Ended)
    first = ended(WHOLE)[0]
    assert first.first_sample / 8000 == pytest.approx(0.3, abs=0.25)
    assert first.last_sample / 8000 == pytest.approx(2.45, abs=0.2)
    assert first.window.final
    assert len(first.window.pcm) == 2 * (first.window.end - first.window.start)


def test_the_likely_final_is_the_final() -> None:
    before = [e for e in WHOLE[: WHOLE.index(ended(WHOLE)[0])] if isinstance(e, Due) and e.likely_final][-1].window
    final = ended(WHOLE)[0].window
    assert (before.start, before.end, before.pcm) == (final.start, final.end, final.pcm)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(1, len(SOUND) - 1), max_size=8, unique=True), st.booleans())
def test_any_cut_of_the_same_sound_has_the_same_effects_even_across_restarts(cuts: list[int], restart: bool) -> None:
    leg, effects, edges = new(), [], [0, *sorted(cuts), len(SOUND)]
    for start, end in pairwise(edges):
        effects += leg.push(frame(SOUND[start:end], start))
        if restart:
            leg = LegStream.restored("c/caller", leg.snapshot(), OPTIONS)
    assert effects == WHOLE


def test_repeated_and_overlapping_frames_change_nothing() -> None:
    leg, effects = new(), []
    for start in range(0, len(SOUND), 400):
        effects += leg.push(frame(SOUND[max(0, start - 300) : start + 400], max(0, start - 300)))
        effects += leg.push(frame(SOUND[start : start + 200], start))
    assert effects == WHOLE


def test_a_short_hole_is_silence_and_the_clock_holds() -> None:
    leg = new()
    effects = hear(leg, SOUND[:4000], codec="L16") + hear(leg, SOUND[8000:], at=8000, codec="L16")
    filled = np.concatenate([SOUND[:4000], silence(0.5), SOUND[8000:]])
    assert effects == hear(new(), filled, step=len(SOUND), codec="L16")
    assert leg.next_sample == len(SOUND)


def test_a_long_hole_ends_what_was_open_and_later_positions_count_it() -> None:
    leg = new()
    effects = hear(leg, SOUND[:12_000])
    assert not ended(effects)
    after = hear(leg, SOUND, at=100_000)
    first, *rest = ended(after)
    assert first.last_sample < 12_000
    assert [e.first_sample - 100_000 for e in rest] == [e.first_sample for e in ended(WHOLE)]


def test_a_leg_that_starts_late_keeps_its_positions() -> None:
    shifted = hear(new(), SOUND, at=80_000)
    assert [e.first_sample - 80_000 for e in ended(shifted)] == [e.first_sample for e in ended(WHOLE)]


def test_the_end_of_the_leg_closes_what_is_open_within_its_length() -> None:
    leg = new()
    hear(leg, SOUND[:12_000])
    last = ended(leg.flush())
    assert len(last) == 1
    assert last[0].last_sample < 12_000
    assert leg.flush() == []


def test_what_is_said_while_the_assistant_is_off_is_dropped_unheard() -> None:
    leg = new()
    hear(leg, SOUND[:12_000])
    muted = leg.mute(frame(SOUND[12_000:14_000], 12_000))
    assert len(muted) == 1
    assert isinstance(muted[0], Muted)
    assert muted[0].last_sample == 11_999
    assert leg.mute(frame(SOUND[14_000:16_000], 14_000)) == []
    assert leg.is_idle
    assert leg.next_sample == 16_000
    assert len(ended(hear(leg, SOUND, at=16_000))) == 2


@pytest.mark.parametrize(("codec", "rate"), [("PCMU", 8000), ("L16", 8000), ("L16", 16_000)])
def test_all_codecs_and_rates_find_the_same_utterances(codec: str, rate: int) -> None:
    from pipeline.audio.resample import resample

    pcm = resample(SOUND, 8000, rate)
    found = ended(LegStream("c/caller", rate, OPTIONS).push(frame(pcm, 0, codec, rate)))
    ours = ended(WHOLE)
    assert len(found) == len(ours)
    for one, two in zip(found, ours, strict=True):
        assert one.first_sample / rate == pytest.approx(two.first_sample / 8000, abs=0.1)


def test_another_rate_in_mid_leg_and_half_a_sample_are_refused() -> None:
    leg = new()
    with pytest.raises(BadFrame, match="16000 Hz"):
        leg.push(frame(SOUND[:160], 0, "L16", 16_000))
    with pytest.raises(BadFrame, match="half a sample"):
        leg.push(Frame(call="c", leg="caller", seq=0, sample_pos=0, codec="L16", rate=8000, data=b"abc", recv_mono=0))


def test_a_snapshot_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="snapshot"):
        LegStream.restored("c/caller", b"\x93\x01", OPTIONS)


def test_memory_stays_bounded_over_hours_of_silence() -> None:
    leg = new()
    for minute in range(10):
        leg.push(frame(silence(60), minute * 480_000))
    assert len(leg.snapshot()) < 40_000
