"""The ear's school, third step: puts clean speech on a telephone line. Arrays of 8 kHz samples in [-1, 1]."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import soxr
from scipy.signal import butter, fftconvolve, lfilter, sosfilt

RATE = 8000  # Hz
FRAME = 160  # samples of 20 ms


@lru_cache(maxsize=2)
def _table(law: str) -> np.ndarray:
    """The 256 levels of a G.711 law, sorted, in [-1, 1]."""
    codes = np.arange(256)
    if law == "alaw":
        code = codes ^ 0x55
        exponent, mantissa = (code >> 4) & 7, code & 15
        size = np.where(exponent == 0, (mantissa << 4) + 8, ((mantissa << 4) + 264) << np.maximum(exponent - 1, 0))
        level = np.where(code & 0x80, size, -size)
    elif law == "mulaw":
        code = ~codes & 0xFF
        size = ((((code & 15) << 3) + 132) << ((code >> 4) & 7)) - 132
        level = np.where(code & 0x80, -size, size)
    else:
        raise ValueError(f"law {law!r}: expected alaw or mulaw")
    return np.unique(level.astype(np.float32) / 32768.0)


def g711(samples: np.ndarray, law: str) -> np.ndarray:
    """What is left after coding and decoding by the law."""
    levels = _table(law)
    middles = (levels[1:] + levels[:-1]) / 2
    return levels[np.searchsorted(middles, samples)].astype(np.float32)


def band(samples: np.ndarray, low: float, high: float) -> np.ndarray:
    sos = butter(4, [low, min(high, RATE / 2 * 0.98)], btype="bandpass", fs=RATE, output="sos")
    return sosfilt(sos, samples).astype(np.float32)


def stretched(samples: np.ndarray, factor: float) -> np.ndarray:
    """Plays faster (factor > 1) or slower: pitch and formants move along, as with another speaker."""
    return soxr.resample(samples, RATE * factor, RATE, quality="MQ").astype(np.float32)


def paced(samples: np.ndarray, factor: float) -> np.ndarray:
    """Speaks slower (factor < 1) or faster at the same pitch, by overlapping the best-fitting frames."""
    size, hop, reach = 240, 120, 60  # samples: 30 ms frames, half overlapped, moved by at most 7.5 ms
    count = int(len(samples) / factor)
    if count < 4 * size:
        return samples
    window = np.hanning(size + 1)[:size].astype(np.float32)
    source = np.pad(samples, (reach, size + reach + hop))
    out = np.zeros(count + size, np.float32)
    shift, last = 0, reach
    for at in range(0, count, hop):
        begin = reach + int(at * factor)
        if begin + size + reach > len(source):
            break
        if at:
            wanted = source[last + hop : last + hop + size]
            around = source[begin - reach : begin + reach + size]
            if len(wanted) == size and len(around) == size + 2 * reach:
                shift = int(np.argmax(np.correlate(around, wanted, "valid"))) - reach
        last = begin + shift
        frame = source[last : last + size]
        out[at : at + len(frame)] += frame * window[: len(frame)]
    return out[:count]


def tilted(samples: np.ndarray, slope: float) -> np.ndarray:
    """Darker (slope > 0) or brighter (slope < 0) by a first-order filter."""
    return lfilter([1.0, -max(-slope, 0.0)], [1.0, -max(slope, 0.0)], samples).astype(np.float32)


def roomed(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A small room: a decaying tail behind the direct sound."""
    length = int(RATE * rng.uniform(0.08, 0.35))
    tail = rng.standard_normal(length) * np.exp(-6.9 * np.arange(length) / length)
    tail *= rng.uniform(0.1, 0.45) / np.sqrt(np.sum(tail**2))
    tail[: int(RATE * rng.uniform(0.001, 0.01))] = 0
    tail[0] = 1.0
    return fftconvolve(samples, tail)[: len(samples)].astype(np.float32)


def mixed(samples: np.ndarray, noise: np.ndarray, snr: float) -> np.ndarray:
    """Adds noise at a signal-to-noise ratio in dB, repeated or cut to length."""
    if not noise.size or not samples.size:
        return samples
    noise = np.resize(noise, samples.shape)
    power = float(np.mean(samples**2)) + 1e-9
    scale = np.sqrt(power / (float(np.mean(noise**2)) + 1e-12) / 10 ** (snr / 10))
    return (samples + scale * noise).astype(np.float32)


def levelled(samples: np.ndarray, peak_db: float) -> np.ndarray:
    peak = float(np.max(np.abs(samples), initial=0.0))
    return samples if peak < 1e-6 else (samples * (10 ** (peak_db / 20) / peak)).astype(np.float32)


def with_losses(samples: np.ndarray, rng: np.random.Generator, share: float) -> np.ndarray:
    """Loses packets: silence in their place, or the last packet again."""
    out = samples.copy()
    for start in range(FRAME, len(out) - FRAME, FRAME):
        if rng.random() < share:
            out[start : start + FRAME] = out[start - FRAME : start] if rng.random() < 0.5 else 0.0
    return out


def edged(samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Cuts a little off the ends, or leaves silence there, as a segmenter does."""
    if rng.random() < 0.3 and len(samples) > RATE:
        return samples[int(rng.uniform(0, 0.07) * RATE) : len(samples) - int(rng.uniform(0, 0.07) * RATE)]
    before, after = (np.zeros(int(RATE * rng.uniform(0.0, limit)), np.float32) for limit in (0.4, 0.7))
    return np.concatenate([before, samples, after])


def on_the_line(samples: np.ndarray, rng: np.random.Generator, noise: np.ndarray) -> np.ndarray:
    """One random telephone line, from mouth to exchange."""
    out = samples.astype(np.float32)
    if rng.random() < 0.6:
        out = stretched(out, float(rng.uniform(0.82, 1.14)))
    if rng.random() < 0.5:
        out = paced(out, float(rng.uniform(0.7, 1.15)))
    out = edged(out, rng)
    if rng.random() < 0.35:
        out = roomed(out, rng)
    if rng.random() < 0.5:
        out = tilted(out, float(rng.uniform(-0.6, 0.6)))
    if rng.random() < 0.6:
        out = mixed(out, noise, float(rng.uniform(6, 35)))
    if rng.random() < 0.8:
        out = band(out, float(rng.uniform(120, 400)), float(rng.uniform(2900, 3900)))
    out = levelled(out, float(rng.uniform(-24, -1)))
    if rng.random() < 0.1:
        out = np.clip(out * float(rng.uniform(1.5, 6)) * 10 ** (rng.uniform(0, 6) / 20), -0.9, 0.9)
    if rng.random() < 0.12:
        out = with_losses(out, rng, float(rng.uniform(0.005, 0.04)))
    if rng.random() < 0.9:
        out = g711(np.clip(out, -1, 1), "alaw" if rng.random() < 0.6 else "mulaw")
    return np.clip(out, -1, 1)
