"""Figures with their uncertainty: proportions with Wilson intervals, F1 with a bootstrap over rows. Always with n."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

Z95 = 1.959963984540054
ROUNDS = 1000  # resamples of a bootstrap


class Figure(msgspec.Struct, frozen=True):
    """A measured figure."""

    value: float
    low: float  # 95 % interval
    high: float
    n: int


def proportion(hits: int, n: int) -> Figure:
    """Share of hits with its Wilson interval."""
    if not n:
        return Figure(0.0, 0.0, 1.0, 0)
    p = hits / n
    centre = (p + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
    spread = Z95 * math.sqrt(p * (1 - p) / n + Z95**2 / (4 * n * n)) / (1 + Z95**2 / n)
    return Figure(_r(p), _r(max(0.0, centre - spread)), _r(min(1.0, centre + spread)), n)


def macro_f1(truth: Sequence[str], guess: Sequence[str]) -> float:
    """Mean F1 over the labels that occur."""
    labels = sorted(set(truth))
    at = {label: i for i, label in enumerate(labels)}
    t = np.array([at[x] for x in truth])
    g = np.array([at.get(x, -1) for x in guess])
    return _macro(t, g, len(labels))


def bootstrapped_f1(truth: Sequence[str], guess: Sequence[str], seed: int = 12345) -> Figure:
    """Macro F1 with a percentile interval over resampled rows; the same seed gives the same interval."""
    labels = sorted(set(truth))
    at = {label: i for i, label in enumerate(labels)}
    t = np.array([at[x] for x in truth])
    g = np.array([at.get(x, -1) for x in guess])
    low, high = _resampled(len(t), lambda rows: _macro(t[rows], g[rows], len(labels)), seed)
    return Figure(_r(_macro(t, g, len(labels))), _r(low), _r(high), len(t))


def mean(values: Sequence[float], seed: int = 12345) -> Figure:
    """Mean with a percentile interval over resampled rows."""
    v = np.array(values, dtype=np.float64)
    if not len(v):
        return Figure(0.0, 0.0, 0.0, 0)
    low, high = _resampled(len(v), lambda rows: float(v[rows].mean()), seed)
    return Figure(_r(float(v.mean())), _r(low), _r(high), len(v))


def confusions(truth: Sequence[str], guess: Sequence[str], most: int = 10) -> list[dict[str, str | int]]:
    """The commonest mistakes."""
    wrong = Counter((t, g) for t, g in zip(truth, guess, strict=True) if t != g)
    ranked = sorted(wrong.items(), key=lambda w: (-w[1], w[0]))[:most]
    return [{"truth": t, "guess": g, "count": n} for (t, g), n in ranked]


def _macro(truth: NDArray[np.int64], guess: NDArray[np.int64], labels: int) -> float:
    right = np.bincount(truth[truth == guess], minlength=labels)
    said = np.bincount(guess[guess >= 0], minlength=labels)
    true = np.bincount(truth, minlength=labels)
    total = said + true
    occurs = true > 0
    f1 = np.where(total > 0, 2 * right / np.maximum(total, 1), 0.0)
    return float(f1[occurs].mean()) if occurs.any() else 0.0


def _resampled(n: int, figure: Callable[[NDArray[np.int64]], float], seed: int) -> tuple[float, float]:
    found = [figure((_numbers(seed + r, n) % n).astype(np.int64)) for r in range(ROUNDS)]
    low, high = np.percentile(found, (2.5, 97.5))
    return float(low), float(high)


def _numbers(seed: int, n: int) -> NDArray[np.uint64]:
    """A fixed stream of well-mixed numbers (splitmix64): a bootstrap needs no dice, only an even spread."""
    with np.errstate(over="ignore"):
        z = (np.arange(1, n + 1, dtype=np.uint64) + np.uint64(seed * 1_000_003)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def _r(value: float) -> float:
    return round(value, 4)
