from __future__ import annotations

import numpy as np
import pytest
from faster_whisper.feature_extractor import FeatureExtractor

from pipeline.asr.mel import log_mel
from pipeline.asr.padding import padded_frames
from pipeline.audio.resample import resample
from tests.unit.pipeline.asr.voice import voice

SOUND = resample(voice(2.0), 8000, 16_000)


@pytest.mark.parametrize("bands", [80, 128])
@pytest.mark.parametrize("samples", [32_000, 31_999, 24_123, 300])
def test_the_numbers_are_those_of_faster_whispers_extractor(samples: int, bands: int) -> None:
    pcm = SOUND[:samples]
    theirs = FeatureExtractor(feature_size=bands)(pcm.astype(np.float32) / 32768.0)
    ours = log_mel(pcm, theirs.shape[1], bands)
    assert ours.shape == theirs.shape
    middle = slice(0, max(1, samples // 160 - 2))
    assert ours[:, middle] == pytest.approx(theirs[:, middle], abs=2e-3)


def test_sound_beyond_its_end_is_silence() -> None:
    mel = log_mel(SOUND[:16_000], 300, 80)
    assert mel.shape == (80, 300)
    assert (mel[:, 110:] == mel.min()).all()


def test_an_empty_window_has_no_sound() -> None:
    assert log_mel(np.zeros(0, np.int16), 200, 80) == pytest.approx(-1.5)


@pytest.mark.parametrize(
    ("seconds", "frames"),
    [(0.1, 200), (1.6, 200), (2.0, 250), (4.99, 500), (5.0, 600), (9.0, 1000), (13.0, 1400), (40.0, 3000)],
)
def test_windows_are_padded_to_few_lengths_and_never_near_the_trap(seconds: float, frames: int) -> None:
    assert padded_frames(int(seconds * 16_000), short_windows=True) == frames
    assert frames // 2 != 80
    assert padded_frames(int(seconds * 16_000), short_windows=False) == 3000
