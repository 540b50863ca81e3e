"""Measuring reads every clip once, in any batch, and gives it back in its place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipeline.asr.readings import Reading, Window
from pipeline.asr.training.evaluate import nonspeech_clips, people_clips, read_all


class LengthReader:
    """Says how long a window is."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def read(self, windows: Sequence[Window]) -> list[Reading]:
        self.sizes.append(len(windows))
        return [Reading(text=f"{window.seconds:.1f}", logprob=0.0, no_speech=0.0, tokens=1) for window in windows]


def test_readings_come_back_in_the_order_of_the_clips() -> None:
    seconds = [3.0, 1.0, 2.0] * 5
    reader = LengthReader()
    texts = read_all(reader, [np.zeros(int(8000 * length), np.float32) for length in seconds])  # type: ignore[arg-type]
    assert texts == [f"{length:.1f}" for length in seconds]
    assert sum(reader.sizes) == len(seconds)


def test_recordings_of_people_must_be_telephone_recordings(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(1600), 16000)
    with pytest.raises(ValueError, match=r"a\.wav: 16000 Hz"):
        people_clips(tmp_path)


def test_the_same_seed_measures_on_the_same_silence() -> None:
    for first, second in zip(nonspeech_clips(5, 1), nonspeech_clips(5, 1), strict=True):
        np.testing.assert_array_equal(first, second)
