from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipeline.audio import recording
from pipeline.audio.recording import BadRecording

TONE = (8000 * np.sin(np.arange(4410) / 20)).astype(np.int16)


@pytest.mark.parametrize(
    ("suffix", "rate", "subtype"),
    [
        ("wav", 8000, "ALAW"),
        ("wav", 8000, "ULAW"),
        ("wav", 16_000, "PCM_16"),
        ("flac", 44_100, "PCM_16"),
        ("wav", 48_000, "FLOAT"),
    ],
)
def test_mono_recordings_of_many_kinds_are_read(tmp_path: Path, suffix: str, rate: int, subtype: str) -> None:
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, TONE, rate, subtype=subtype)
    got_rate, channels = recording.read(path)
    assert got_rate == rate
    assert len(channels) == 1
    assert np.abs(channels[0].astype(int) - TONE).max() < 600


def test_two_channels_stay_apart_in_every_block(tmp_path: Path) -> None:
    path = tmp_path / "two.wav"
    soundfile.write(path, np.stack([TONE, -TONE], axis=1), 8000)
    found = recording.inspect(path)
    assert (found.channels, found.frames, found.seconds) == (2, 4410, pytest.approx(0.551, abs=0.001))
    pieces = list(recording.blocks(found, 0.1))
    assert len(pieces) == 6
    assert (np.concatenate([p[0] for p in pieces]) == TONE).all()
    assert (np.concatenate([p[1] for p in pieces]) == -TONE).all()


def test_an_empty_recording_has_channels_of_no_samples(tmp_path: Path) -> None:
    path = tmp_path / "none.wav"
    soundfile.write(path, np.zeros((0, 2), np.int16), 8000)
    rate, channels = recording.read(path)
    assert (rate, [len(c) for c in channels]) == (8000, [0, 0])


def test_what_is_no_recording_is_refused_by_name(tmp_path: Path) -> None:
    text = tmp_path / "letter.wav"
    text.write_text("这不是录音")
    three = tmp_path / "three.wav"
    soundfile.write(three, np.zeros((10, 3), np.int16), 8000)
    for path, reason in ((tmp_path / "nowhere.wav", "no such file"), (text, "WAV or FLAC"), (three, "3 channels")):
        with pytest.raises(BadRecording, match=reason) as caught:
            recording.inspect(path)
        assert path.name in str(caught.value)
