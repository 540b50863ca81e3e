"""Precision, recall and F1 pooled over calls, with intervals by drawing whole calls again. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from routing.figures import Figure

ROUNDS = 1000  # resamples
BLOCK = 100  # of them at once


class Pooled(msgspec.Struct, frozen=True):
    """What was right among what was found and among what was wanted; `n` counts calls with either."""

    precision: Figure
    recall: Figure
    f1: Figure
    wanted: int
    found: int
    right: int


def pooled(counts: Sequence[tuple[int, int, int]], seed: int = 12345) -> Pooled:
    """`counts`: right, found, wanted per call. The same seed gives the same intervals."""
    rows = np.array([c for c in counts if any(c)], dtype=np.float64).reshape(-1, 3)
    n = len(rows)
    whole = rows.sum(axis=0)
    drawn = np.stack([_scores(sums) for sums in _resampled(rows, seed)]) if n else np.zeros((1, 3))
    low, high = np.percentile(drawn, (2.5, 97.5), axis=0)
    precision, recall, f1 = (
        Figure(round(float(v), 4), round(float(a), 4), round(float(b), 4), n)
        for v, a, b in zip(_scores(whole), low, high, strict=True)
    )
    return Pooled(precision, recall, f1, wanted=int(whole[2]), found=int(whole[1]), right=int(whole[0]))


def _resampled(rows: NDArray[np.float64], seed: int) -> list[NDArray[np.float64]]:
    """Sums over calls drawn with replacement. The generator is a fixed stream: no dice."""
    stream = np.random.Generator(np.random.PCG64(seed))
    sums: list[NDArray[np.float64]] = []
    for _ in range(ROUNDS // BLOCK):
        picked = stream.integers(0, len(rows), size=(BLOCK, len(rows)))
        sums += list(rows[picked].sum(axis=1))
    return sums


def _scores(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    right, found, wanted = sums
    return np.array(
        [
            right / found if found else 0.0,
            right / wanted if wanted else 0.0,
            2 * right / (found + wanted) if found + wanted else 0.0,
        ]
    )
