"""Sound for the ear's tests: a vowel-like voice that voice activity takes for speech, and calls made of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from scipy.signal import lfilter

RATE = 8000  # Hz


@lru_cache(maxsize=32)
def voice(seconds: float, seed: int = 0) -> np.ndarray:
    """A pitched pulse train through wandering resonances, in syllables."""
    rng = np.random.default_rng(seed)
    total = int(seconds * RATE)
    out = np.zeros(total)
    at = 0
    while at < total:
        length = int(rng.uniform(0.12, 0.25) * RATE)
        n = np.arange(length)
        pitch = rng.uniform(110, 220) * (1 + 0.15 * np.sin(np.pi * n / length * rng.uniform(0.5, 1.5)))
        sound = np.diff(np.floor(np.cumsum(pitch) / RATE), prepend=0) + rng.normal(0, 0.01, length)
        for hz, width in ((rng.uniform(300, 800), 80), (rng.uniform(900, 2200), 110), (rng.uniform(2400, 3000), 160)):
            r = np.exp(-np.pi * width / RATE)
            sound = lfilter([1 - r], [1, -2 * r * np.cos(2 * np.pi * hz / RATE), r * r], sound)
        sound *= np.minimum(1, np.minimum(n, length - n) / (0.03 * RATE))
        piece = sound[: total - at]
        out[at : at + len(piece)] += piece
        at += length + int(rng.uniform(0, 0.04) * RATE)
    return (out / np.abs(out).max() * 12_000).astype(np.int16)


def silence(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * RATE), np.int16)


def talk(parts: Sequence[tuple[str, float]]) -> np.ndarray:
    """("v", seconds) of voice and ("s", seconds) of silence, one after the other."""
    return np.concatenate(
        [voice(seconds, n) if kind == "v" else silence(seconds) for n, (kind, seconds) in enumerate(parts)]
    )
