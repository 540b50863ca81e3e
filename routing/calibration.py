"""How far a classifier's confidence can be believed, and from where on it should leave the matter to a person."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from routing.figures import Figure, proportion
from routing.labelling import Scores, softmax

BINS = 10
FLAT, SHARP = 0.05, 60.0  # range searched for a sharpness


class Bin(msgspec.Struct, frozen=True):
    """Rows whose best label was given with a confidence between `low` and `high`."""

    low: float
    high: float
    n: int
    said: float  # mean confidence
    right: float  # share that were right


class Reliability(msgspec.Struct, frozen=True):
    """Confidence against truth. `error` is the expected calibration error: the mean gap, weighed by rows."""

    error: float
    bins: list[Bin]


class Abstention(msgspec.Struct, frozen=True):
    """From which confidence on verdicts are given, for the error that was asked for."""

    max_error: float
    threshold: float  # above 1: no threshold keeps the error so low
    coverage: Figure  # share of rows that get a verdict
    error: Figure  # of those


def sharpness(margins: NDArray[np.floating], truth: NDArray[np.int64]) -> float:
    """What to multiply margins by so that their softmax is likeliest for the truth (temperature scaling).

    `truth`: columns; rows whose label the model cannot give (-1) are left out. One number, found by golden section.
    """
    known = truth >= 0
    margins, truth = margins[known], truth[known]
    if not len(truth):
        return 1.0

    def cost(log_s: float) -> float:
        return -likelihood(softmax(margins, float(np.exp(log_s))), truth)

    low, high = float(np.log(FLAT)), float(np.log(SHARP))
    ratio = (5**0.5 - 1) / 2
    left, right = high - ratio * (high - low), low + ratio * (high - low)
    at_left, at_right = cost(left), cost(right)
    for _ in range(40):
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - ratio * (high - low)
            at_left = cost(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + ratio * (high - low)
            at_right = cost(right)
    return round(float(np.exp((low + high) / 2)), 4)


def likelihood(shares: Scores, truth: NDArray[np.int64]) -> float:
    """Mean log share of the true label."""
    return float(np.log(np.maximum(shares[np.arange(len(truth)), truth], 1e-12)).mean())


def columns(labels: Sequence[str], truth: Sequence[str]) -> NDArray[np.int64]:
    """Where each true label stands among `labels`; -1 for one that is not there."""
    at = {label: i for i, label in enumerate(labels)}
    return np.array([at.get(t, -1) for t in truth], dtype=np.int64)


def reliability(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> Reliability:
    """Ten bins of equal width; empty ones are left out."""
    bins, gap = [], 0.0
    slot = np.minimum((confidence * BINS).astype(int), BINS - 1)
    for i in range(BINS):
        inside = slot == i
        if not (n := int(inside.sum())):
            continue
        said, true = float(confidence[inside].mean()), float(right[inside].mean())
        bins.append(Bin(i / BINS, (i + 1) / BINS, n, round(said, 4), round(true, 4)))
        gap += n * abs(said - true)
    return Reliability(round(gap / max(len(confidence), 1), 4), bins)


def abstention(confidence: NDArray[np.float64], right: NDArray[np.bool_], max_error: float) -> Abstention:
    """The lowest threshold at which no more than `max_error` of the verdicts given are wrong."""
    if not 0 <= max_error <= 1:
        raise ValueError(f"an error between 0 and 1 is wanted, got {max_error}")
    order = np.argsort(-confidence, kind="stable")
    wrong = np.cumsum(~right[order])
    given = np.arange(1, len(order) + 1)
    last = np.append(confidence[order][1:] != confidence[order][:-1], True)  # equal confidences go together
    good = np.flatnonzero(last & (wrong <= max_error * given)) if len(order) else np.array([], dtype=int)
    if not len(good):
        return Abstention(max_error, 1.01, proportion(0, len(order)), proportion(0, 0))
    return at_threshold(confidence, right, float(confidence[order][good[-1]]), max_error)


def at_threshold(
    confidence: NDArray[np.float64], right: NDArray[np.bool_], threshold: float, max_error: float
) -> Abstention:
    """What a threshold that stands already does on these rows."""
    given = confidence >= threshold
    n = int(given.sum())
    return Abstention(
        max_error, round(threshold, 6), proportion(n, len(confidence)), proportion(int((~right[given]).sum()), n)
    )
