"""Speech read by the wrong law or with swapped bytes is found out; anything rightly read is left in peace."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.audio.g711 import Pcm, encode
from pipeline.ingest.doubt import CodecDoubt
from schemas.audio import Codec, Frame
from schemas.draft import AlertRaised
from tests.unit.pipeline.ingest.bench import Bench


def voice(seconds: float, level: float = 4000.0) -> Pcm:
    """Voice-like sound: a gliding pulse train through two resonances, with pauses of line noise."""
    rng = np.random.default_rng(7)
    n = np.arange(int(8000 * seconds))
    pitch = 120 + 30 * np.sin(2 * np.pi * n / 8000 / 3)
    phase = np.cumsum(pitch / 8000)
    pulses = np.diff(np.floor(phase), prepend=0.0) + rng.normal(0, 0.02, len(n))
    wave = pulses
    for frequency, width in ((600, 90), (1400, 150)):
        r = np.exp(-np.pi * width / 8000)
        a1, a2 = 2 * r * np.cos(2 * np.pi * frequency / 8000), -r * r
        out = np.zeros(len(n) + 2)
        for k, x in enumerate(wave):
            out[k + 2] = x + a1 * out[k + 1] + a2 * out[k]
        wave = out[2:]
    speaking = (n // 6000) % 3 != 2
    wave = wave / np.abs(wave).max() * level * speaking + rng.normal(0, 8, len(n))
    return wave.astype(np.int16)


VOICE = voice(8.0)


def found(codec: Codec, data: bytes) -> int:
    doubt = CodecDoubt(codec)
    size = 1600 if codec == "L16" else 800
    return sum(
        doubt.hears(
            Frame(
                call="c",
                leg="caller",
                seq=1,
                sample_pos=0,
                codec=codec,
                rate=8000,
                data=data[begin : begin + size],
                recv_mono=0,
            )
        )
        for begin in range(0, len(data), size)
    )


@pytest.mark.parametrize("codec", ["PCMA", "PCMU", "L16"])
@pytest.mark.parametrize("level", [300.0, 4000.0, 30000.0])
def test_speech_as_declared_raises_no_doubt(codec: Codec, level: float) -> None:
    assert found(codec, encode(codec, (VOICE * (level / 4000)).clip(-32768, 32767).astype(np.int16))) == 0


def test_the_wrong_law_is_found_once() -> None:
    assert found("PCMU", encode("PCMA", VOICE)) == 1
    assert found("PCMA", encode("PCMU", VOICE)) == 1


def test_swapped_bytes_are_found_once() -> None:
    assert found("L16", VOICE.astype(">i2").tobytes()) == 1


@pytest.mark.parametrize("codec", ["PCMA", "PCMU", "L16"])
def test_silence_noise_and_tones_raise_no_doubt(codec: Codec) -> None:
    rng = np.random.default_rng(1)
    n = np.arange(8000 * 6)
    for wave in (np.zeros(48000), rng.normal(0, 3000, 48000), 9000 * np.sin(2 * np.pi * 440 * n / 8000)):
        assert found(codec, encode(codec, wave.astype(np.int16))) == 0


def test_a_suspicious_leg_is_told_to_a_person_and_kept_as_it_came() -> None:
    bench = Bench()
    session = bench.started(codec="PCMU", legs=["caller"])
    data = encode("PCMA", VOICE)
    for begin in range(0, len(data), 1600):
        bench.hear(session, data[begin : begin + 1600])
    (alert,) = bench.of(AlertRaised)
    assert (alert.level, alert.label) == ("warning", "可疑编码")
    assert "来电人" in alert.detail
    assert bench.audio()["caller"] == data
