"""The telephone line of the training set does to speech what a line does, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.asr.training import nonspeech, telephone
from pipeline.asr.training.telephone import RATE


def tone(hertz: float, seconds: float = 1.0, level: float = 0.3) -> np.ndarray:
    return (level * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE)).astype(np.float32)


def power(samples: np.ndarray) -> float:
    return float(np.mean(samples[RATE // 8 :] ** 2))


@pytest.mark.parametrize(("law", "levels"), [("alaw", 256), ("mulaw", 255)])  # mu-law has two zeros
def test_g711_has_the_levels_of_its_law_and_little_error(law: str, levels: int) -> None:
    ramp = np.linspace(-0.95, 0.95, 200_001).astype(np.float32)
    coded = telephone.g711(ramp, law)
    assert len(telephone._table(law)) == levels
    assert np.max(np.abs(coded - ramp) / np.maximum(np.abs(ramp), 0.01)) < 0.1
    np.testing.assert_array_equal(telephone.g711(coded, law), coded)


def test_an_unknown_law_is_refused() -> None:
    with pytest.raises(ValueError, match="alaw or mulaw"):
        telephone.g711(tone(440), "zlaw")


def test_the_band_keeps_speech_and_drops_hum_and_hiss() -> None:
    kept = [power(telephone.band(tone(hertz), 300, 3400)) / power(tone(hertz)) for hertz in (100, 1000, 3900)]
    assert kept[1] > 0.9
    assert kept[0] < 0.02
    assert kept[2] < 0.1


def test_stretching_moves_the_pitch_and_pacing_keeps_it() -> None:
    def pitch(samples: np.ndarray) -> float:
        return float(np.argmax(np.abs(np.fft.rfft(samples * np.hanning(len(samples)))))) * RATE / len(samples)

    source = tone(500, 2.0)
    faster, slower = telephone.stretched(source, 1.25), telephone.paced(source, 0.8)
    assert len(faster) == pytest.approx(len(source) / 1.25, rel=0.01)
    assert pitch(faster) == pytest.approx(625, rel=0.02)
    assert len(slower) == pytest.approx(len(source) / 0.8, rel=0.01)
    assert pitch(slower) == pytest.approx(500, rel=0.02)


def test_noise_comes_at_the_asked_ratio() -> None:
    rng = np.random.default_rng(1)
    speech, noise = tone(700), rng.standard_normal(100).astype(np.float32)
    added = telephone.mixed(speech, noise, 10.0) - speech
    assert 10 * np.log10(np.mean(speech**2) / np.mean(added**2)) == pytest.approx(10.0, abs=0.2)


def test_a_lost_packet_is_silence_or_the_one_before() -> None:
    source = np.random.default_rng(2).uniform(0.1, 0.5, 160 * 50).astype(np.float32)
    out = telephone.with_losses(source, np.random.default_rng(3), 0.3)
    frames, before = out.reshape(-1, 160), source.reshape(-1, 160)
    changed = [index for index in range(50) if not np.array_equal(frames[index], before[index])]
    assert changed
    assert all(not frames[index].any() or np.array_equal(frames[index], frames[index - 1]) for index in changed)


@pytest.mark.parametrize("seed", range(12))
def test_every_line_gives_finite_samples_within_full_scale_and_the_same_for_the_same_seed(seed: int) -> None:
    speech = tone(300, 1.5)
    lines = []
    for _ in range(2):
        rng = np.random.default_rng(seed)
        lines.append(telephone.on_the_line(speech, rng, nonspeech.draw_background(len(speech), rng, [speech])))
    np.testing.assert_array_equal(lines[0], lines[1])
    assert np.isfinite(lines[0]).all()
    assert np.max(np.abs(lines[0])) <= 1.0
    assert 0.6 * len(speech) < len(lines[0]) < 2.5 * len(speech)


@pytest.mark.parametrize("source", nonspeech.SOURCES, ids=lambda source: source.__name__)
def test_sounds_without_speech_have_the_asked_length(source: object) -> None:
    samples = source(4321, np.random.default_rng(0))  # type: ignore[operator]
    assert len(samples) == 4321
    assert np.isfinite(samples).all()


def test_the_ringback_is_the_one_of_chinese_exchanges() -> None:
    rng = np.random.default_rng(4)
    found = [nonspeech.call_tone(RATE * 2, rng) for _ in range(8)]
    loud = max(found, key=power)
    assert np.argmax(np.abs(np.fft.rfft(loud))) * RATE / len(loud) == pytest.approx(450, abs=1)
