"""Recordings as a switch's messages: any rate and channels in, the door's formats out, nothing lost on the way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipeline.audio.g711 import decode, encode
from pipeline.audio.recording import BadRecording
from pipeline.play.message import messages
from schemas.audio import Codec


def tone(rate: int, seconds: float, channels: int) -> np.ndarray:
    t = np.arange(int(rate * seconds)) / rate
    waves = [8000 * np.sin(2 * np.pi * 440 * (n + 1) * t) for n in range(channels)]
    return np.stack(waves, axis=1).astype(np.int16)


@pytest.mark.parametrize(("codec", "size"), [("PCMA", 320), ("PCMU", 320), ("L16", 640)])
def test_messages_hold_20_ms_of_both_channels_interleaved(tmp_path: Path, codec: Codec, size: int) -> None:
    pcm = tone(8000, 1.005, 2)
    soundfile.write(tmp_path / "a.wav", pcm, 8000)
    sent = list(messages(tmp_path / "a.wav", codec, 8000))
    assert [len(message) for message in sent[:-1]] == [size] * 50
    assert b"".join(sent) == encode(codec, pcm.reshape(-1))


@pytest.mark.parametrize("subtype", ["ALAW", "ULAW"])
def test_g711_files_arrive_as_they_are(tmp_path: Path, subtype: str) -> None:
    codec: Codec = "PCMA" if subtype == "ALAW" else "PCMU"
    pcm = decode(codec, bytes(range(256)) * 20)
    soundfile.write(tmp_path / "a.wav", pcm, 8000, subtype=subtype)
    sent = b"".join(messages(tmp_path / "a.wav", codec, 8000))
    assert (decode(codec, sent) == pcm).all()


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 44100, 48000])
@pytest.mark.parametrize("wanted", [8000, 16000])
def test_any_rate_becomes_the_door_s_without_losing_time(tmp_path: Path, rate: int, wanted: int) -> None:
    soundfile.write(tmp_path / "a.flac", tone(rate, 25.0, 1), rate)
    pcm = decode("L16", b"".join(messages(tmp_path / "a.flac", "L16", wanted)))
    assert abs(len(pcm) / wanted - 25.0) < 0.001
    spectrum = np.abs(np.fft.rfft(pcm[wanted : 2 * wanted]))
    assert spectrum.argmax() == 440


def test_a_file_that_is_no_recording_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"no sound")
    with pytest.raises(BadRecording, match=r"a\.wav"):
        list(messages(tmp_path / "a.wav", "PCMA", 8000))


def test_an_empty_recording_has_no_messages(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros((0, 2), np.int16), 8000)
    assert list(messages(tmp_path / "a.wav", "PCMA", 8000)) == []
