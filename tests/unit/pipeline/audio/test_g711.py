from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from pipeline.audio import g711

EVERY_SAMPLE = np.arange(-32768, 32768, dtype=np.int32).astype(np.int16)


@pytest.mark.parametrize(("codec", "subtype"), [("PCMA", "ALAW"), ("PCMU", "ULAW")])
def test_every_byte_decodes_as_the_reference_library_says(codec: str, subtype: str) -> None:
    every_byte = bytes(range(256))
    reference, _ = soundfile.read(
        io.BytesIO(every_byte), dtype="int16", format="RAW", samplerate=8000, channels=1, subtype=subtype
    )
    assert (g711.decode(codec, every_byte) == reference).all()


@pytest.mark.parametrize("codec", ["PCMA", "PCMU"])
def test_encoding_a_decoded_byte_gives_the_byte_back(codec: str) -> None:
    every_byte = bytes(range(256))
    again = g711.encode(codec, g711.decode(codec, every_byte))
    assert g711.decode(codec, again).tolist() == g711.decode(codec, every_byte).tolist()


@pytest.mark.parametrize("codec", ["PCMA", "PCMU"])
def test_no_sample_is_off_by_more_than_its_step(codec: str) -> None:
    heard = g711.decode(codec, g711.encode(codec, EVERY_SAMPLE)).astype(np.int32)
    wanted = EVERY_SAMPLE.astype(np.int32)
    assert (np.abs(heard - wanted) <= np.maximum(16, np.abs(wanted) / 16 + 16)).mean() == 1.0
    assert (np.diff(heard) >= 0).all()


def test_silence_of_each_law_is_near_zero_in_its_own_law_and_not_in_the_other() -> None:
    a, u = bytes([g711.PCMA_SILENCE]), bytes([g711.PCMU_SILENCE])
    assert abs(int(g711.decode("PCMA", a)[0])) <= 8
    assert int(g711.decode("PCMU", u)[0]) == 0
    assert abs(int(g711.decode("PCMU", a)[0])) > 100
    assert abs(int(g711.decode("PCMA", u)[0])) > 500


def test_speech_in_the_wrong_law_is_not_the_speech() -> None:
    tone = (8000 * np.sin(np.arange(800) * 2 * np.pi * 440 / 8000)).astype(np.int16)
    wrong = g711.decode("PCMU", g711.encode("PCMA", tone)).astype(float)
    assert np.abs(wrong - tone).mean() > 1000


def test_linear_audio_round_trips() -> None:
    assert (g711.decode("L16", g711.encode("L16", EVERY_SAMPLE)) == EVERY_SAMPLE).all()


def test_half_a_linear_sample_is_refused() -> None:
    with pytest.raises(ValueError, match="3 bytes"):
        g711.decode("L16", b"abc")


def test_unknown_codec_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="OPUS"):
        g711.decode("OPUS", b"")
    with pytest.raises(ValueError, match="OPUS"):
        g711.encode("OPUS", EVERY_SAMPLE)
