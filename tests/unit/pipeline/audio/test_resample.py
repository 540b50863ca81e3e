from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.audio.resample import Doubler, Through, resample, to_ear

NOISE = np.random.default_rng(7).integers(-32768, 32768, 3000).astype(np.int16)


def whole(pcm: np.ndarray) -> np.ndarray:
    doubler = Doubler()
    return np.concatenate([doubler.push(pcm), doubler.flush()])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 3000), max_size=12), st.booleans())
def test_any_cut_of_the_audio_gives_the_same_samples_even_across_a_restart(cuts: list[int], restart: bool) -> None:
    doubler, out, edges = Doubler(), [], [0, *sorted(cuts), 3000]
    for start, end in pairwise(edges):
        out.append(doubler.push(NOISE[start:end]))
        if restart:
            doubler = Doubler.restored(doubler.snapshot())
    out.append(doubler.flush())
    assert (np.concatenate(out) == whole(NOISE)).all()


@pytest.mark.parametrize("length", [0, 1, 2, 23, 24, 25, 160])
def test_twice_as_many_samples_come_out_and_the_even_ones_are_the_input(length: int) -> None:
    out = whole(NOISE[:length])
    assert len(out) == 2 * length
    assert (out[0::2] == NOISE[:length]).all()


@pytest.mark.parametrize("hz", [300, 1000, 2000, 3400])
def test_a_tone_of_the_telephone_band_stays_itself(hz: int) -> None:
    tone = (10_000 * np.sin(2 * np.pi * hz * np.arange(4000) / 8000)).astype(np.int16)
    wanted = 10_000 * np.sin(2 * np.pi * hz * np.arange(8000) / 16_000)
    middle = slice(200, 7800)
    assert np.abs(whole(tone)[middle] - wanted[middle]).max() < 120  # -38 dB


def test_nothing_of_the_telephone_band_is_mirrored_above_it() -> None:
    spectrum = np.abs(np.fft.rfft(whole((NOISE / 4).astype(np.int16)) * np.hanning(6000)))
    assert spectrum[int(4600 / 8000 * 3000) :].max() < spectrum[: int(3400 / 8000 * 3000)].mean() / 30


def test_constant_input_stays_constant() -> None:
    assert (whole(np.full(200, 1234, np.int16))[60:-60] == 1234).all()


def test_sixteen_kilohertz_pass_through_and_other_rates_are_refused() -> None:
    assert isinstance(to_ear(16_000), Through)
    assert (to_ear(16_000).push(NOISE) == NOISE).all()
    with pytest.raises(ValueError, match="44100"):
        to_ear(44_100)


def test_recordings_of_any_rate_keep_their_length() -> None:
    assert len(resample(NOISE, 44_100, 8_000)) == pytest.approx(3000 * 8000 / 44_100, abs=2)
    assert (resample(NOISE, 8_000, 16_000) == whole(NOISE)).all()
    assert resample(NOISE, 8_000, 8_000) is NOISE
