"""Several classifiers that judge together: their calibrated shares, multiplied by how much each is to be believed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from routing import model_folder
from routing.calibration import likelihood
from routing.labelling import REASONS, Labeller, Reason, Scores, softmax

LEAST = 1e-6  # share that no member can go below: none rules a label out alone
ROUNDS = 300


class EnsembleLabeller:
    """Members of the same labels; a weight each, learnt from rows that none of them had seen."""

    kind = "ensemble"

    def __init__(
        self, members: Sequence[Labeller], weights: Sequence[float], sharpness: float = 1.0, threshold: float = 0.0
    ) -> None:
        """Raises ValueError where members do not know the same labels."""
        if not members or len(members) != len(weights) or any(m.labels != members[0].labels for m in members):
            raise ValueError("an ensemble needs members of the same labels, and one weight each")
        self.labels = members[0].labels
        self.members = tuple(members)
        self.weights = tuple(float(w) for w in weights)
        self.sharpness = sharpness
        self.threshold = threshold

    def shares(self, texts: Sequence[str]) -> Scores:
        return mixed([member.shares(texts) for member in self.members], self.weights, self.sharpness)

    def explain(self, text: str, label: str, most: int = REASONS) -> list[Reason]:
        """The reasons of the members that tell by their own weights; those of the others where none does."""
        fast = [m for m in self.members if m.kind in ("linear", "dense", "near")]
        member = max(fast or self.members, key=lambda m: self.weights[self.members.index(m)])
        return member.explain(text, label, most)

    def save(self, folder: Path) -> None:
        """Each member in a folder of its own, `0` onwards."""
        for i, member in enumerate(self.members):
            member.save(folder / str(i))
        head = {
            "labels": self.labels,
            "members": [member.kind for member in self.members],
            "weights": self.weights,
            "sharpness": self.sharpness,
            "threshold": self.threshold,
        }
        heads = [f"{i}/{model_folder.HEAD}" for i in range(len(self.members))]
        model_folder.write(folder, self.kind, head, {}, heads)


def mixed(shares: Sequence[Scores], weights: Sequence[float], sharpness: float = 1.0) -> Scores:
    """The shares of several judges as one: a weighed mean of their logarithms, made shares again."""
    logs = [w * np.log(np.maximum(s, LEAST)) for s, w in zip(shares, weights, strict=True)]
    return softmax(np.sum(logs, axis=0), sharpness)


def believed(shares: Sequence[Scores], truth: NDArray[np.int64]) -> list[float]:
    """Weights, none below zero, that make the truth likeliest on rows kept back; deterministic.

    Gradient ascent on the multiplicative scale, from equal weights. Rows of an unknown label (-1) are left out.
    """
    known = truth >= 0
    logs = np.stack([np.log(np.maximum(s[known], LEAST)) for s in shares])
    at = truth[known]
    if not len(at):
        return [1.0 / len(shares)] * len(shares)
    weights = np.full(len(shares), 1.0 / len(shares))
    right = logs[:, np.arange(len(at)), at]
    best, found = -np.inf, weights
    for _ in range(ROUNDS):
        now = softmax(np.tensordot(weights, logs, axes=1))
        if (score := likelihood(now, at)) > best:
            best, found = score, weights
        slope = (right - (now[None] * logs).sum(axis=2)).mean(axis=1)
        weights = np.clip(weights * np.exp(np.clip(0.3 * slope, -0.5, 0.5)), 1e-4, 10.0)
    return [round(float(w), 4) for w in found]
