"""The ear's school, third step: what a telephone carries besides speech. All of it must give no text."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pipeline.asr.training.telephone import RATE, band, g711

DTMF = {(row, column) for row in (697, 770, 852, 941) for column in (1209, 1336, 1477)}


def silence(count: int, rng: np.random.Generator) -> np.ndarray:
    return np.zeros(count, np.float32)


def coloured(count: int, rng: np.random.Generator) -> np.ndarray:
    """Noise with a spectrum between white and brown."""
    spectrum = np.fft.rfft(rng.standard_normal(max(count, 2)))
    spectrum /= np.maximum(np.arange(len(spectrum)), 1.0) ** rng.uniform(0.0, 1.0)
    noise = np.fft.irfft(spectrum, max(count, 2))[:count]
    return (noise / (np.max(np.abs(noise)) + 1e-9)).astype(np.float32)


def hum(count: int, rng: np.random.Generator) -> np.ndarray:
    time = np.arange(count) / RATE
    base = 50.0 * float(rng.integers(1, 3))
    wave = sum(np.sin(2 * np.pi * base * k * time + rng.uniform(0, 6)) / k**1.5 for k in (1, 2, 3, 5, 7))
    return (wave + 0.2 * rng.standard_normal(count)).astype(np.float32)


def call_tone(count: int, rng: np.random.Generator) -> np.ndarray:
    """Ringback, busy or dial tone: 450 Hz with its cadence."""
    on, off = ((1.0, 4.0), (0.35, 0.35), (99.0, 0.0), (0.4, 0.04))[int(rng.integers(4))]
    time = np.arange(count) / RATE + rng.uniform(0, 2)
    return (np.sin(2 * np.pi * 450 * time) * (time % (on + off) < on)).astype(np.float32)


def keypad(count: int, rng: np.random.Generator) -> np.ndarray:
    out = np.zeros(count, np.float32)
    keys, at = sorted(DTMF), int(rng.uniform(0, 0.3) * RATE)
    while at < count:
        low, high = keys[int(rng.integers(len(keys)))]
        time = np.arange(min(int(rng.uniform(0.07, 0.3) * RATE), count - at)) / RATE
        out[at : at + len(time)] = np.sin(2 * np.pi * low * time) + np.sin(2 * np.pi * high * time)
        at += len(time) + int(rng.uniform(0.08, 0.5) * RATE)
    return out


def hold_music(count: int, rng: np.random.Generator) -> np.ndarray:
    """A plucked or held tune over chords of a five-note scale."""
    out = np.zeros(count, np.float32)
    root, beat = 110.0 * 2 ** (rng.integers(0, 12) / 12), float(rng.uniform(0.18, 0.6))
    scale, decay, at = (0, 2, 4, 7, 9, 12, 14, 16), float(rng.uniform(0.5, 6)), 0
    while at < count:
        length = min(int(beat * RATE * float(rng.choice([1, 1, 2, 4]))), count - at)
        time = np.arange(length) / RATE
        for octave in (1, 2, 4)[: int(rng.integers(1, 4))]:
            pitch = root * octave * 2 ** (scale[int(rng.integers(len(scale)))] / 12)
            for partial in range(1, 5):
                out[at : at + length] += (
                    np.sin(2 * np.pi * pitch * partial * time) * np.exp(-decay * time) / partial**1.3
                )
        at += length
    return out


def breath(count: int, rng: np.random.Generator) -> np.ndarray:
    """Breathing, rustling and knocks into the handset."""
    out = 0.02 * rng.standard_normal(count).astype(np.float32)
    at = int(rng.uniform(0, 0.5) * RATE)
    while at < count:
        length = min(int(rng.uniform(0.03, 0.8) * RATE), count - at)
        out[at : at + length] += rng.standard_normal(length) * np.hanning(length) * rng.uniform(0.2, 1)
        at += length + int(rng.uniform(0.3, 2.0) * RATE)
    return out


SOURCES: tuple[Callable[[int, np.random.Generator], np.ndarray], ...] = (
    silence, coloured, hum, call_tone, keypad, hold_music, hold_music, breath,
)  # fmt: skip


def draw_nonspeech(seconds: float, rng: np.random.Generator) -> np.ndarray:
    """A stretch without speech, as it comes off the line."""
    source = SOURCES[int(rng.integers(len(SOURCES)))]
    samples = source(int(seconds * RATE), rng)
    peak = float(np.max(np.abs(samples), initial=0.0))
    if peak > 0:
        samples = samples / peak * 10 ** (rng.uniform(-55, -3) / 20)
    samples = samples + 10 ** (rng.uniform(-80, -50) / 20) * rng.standard_normal(len(samples))
    if rng.random() < 0.6 and len(samples) > 100:
        samples = band(samples, 200, 3600)
    return g711(np.clip(samples, -1, 1), "alaw" if rng.random() < 0.6 else "mulaw")


def draw_background(count: int, rng: np.random.Generator, voices: list[np.ndarray]) -> np.ndarray:
    """Noise to lie under speech: coloured noise, hum, or the babble of several voices."""
    if voices and rng.random() < 0.35:
        babble = np.zeros(count, np.float32)
        for voice in voices:
            babble += np.resize(np.roll(voice, int(rng.integers(len(voice)))), count)
        return babble
    return (hum if rng.random() < 0.15 else coloured)(count, rng)
