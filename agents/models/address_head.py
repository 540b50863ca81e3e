"""A small network over the states of words: a word and its neighbours in, a score per label out. numpy alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.models.bert_states import gelu

Numbers = NDArray[np.float32]
Weights = dict[str, Numbers]
_RAMP = np.float32(0.7978845608)


def new_head(size: int, width: int, labels: int, order: np.random.Generator) -> Weights:
    """Weights to begin with, for states of `size` numbers and `width` inner ones."""

    def drawn(rows: int, columns: int, spread: float) -> Numbers:
        return (order.normal(size=(rows, columns)) * spread).astype(np.float32)

    return {
        "in": drawn(size, width, size**-0.5),
        "in_bias": np.zeros(width, np.float32),
        "near": drawn(3 * width, width, (3 * width) ** -0.5),
        "near_bias": np.zeros(width, np.float32),
        "out": drawn(width, labels, 0.05),
        "out_bias": np.zeros(labels, np.float32),
        "steps": np.zeros((labels, labels), np.float32),
        "start": np.zeros(labels, np.float32),
    }


class Pass:
    """One way through the network and back. Rows are the words of several addresses, end to end."""

    def __init__(
        self,
        weights: Weights,
        states: Numbers,
        lengths: NDArray[np.int64],
        drop: float,
        order: np.random.Generator | None,
    ) -> None:
        """`lengths`: words of each address. With `order`, a share `drop` of the numbers is hidden, as when learning."""
        self._weights = weights
        self._drop, self._order = np.float32(drop), order
        ends = np.cumsum(lengths)
        self._first, self._last = ends - lengths, ends - 1
        self._shown = [self._mask((len(states), n)) for n in (states.shape[1], *[len(weights["in_bias"])] * 2)]
        self._states: Numbers = states * self._shown[0]
        self._before: Numbers = self._states @ weights["in"] + weights["in_bias"]
        inner = gelu(self._before) * self._shown[1]
        self._near = self._beside(inner)
        self._mixed: Numbers = self._near @ weights["near"] + weights["near_bias"]
        self._top = (gelu(self._mixed) + inner) * self._shown[2]
        self.scores: Numbers = self._top @ weights["out"] + weights["out_bias"]

    def back(self, by_scores: Numbers) -> Weights:
        """The gradient by every weight but those of steps and start."""
        weights, width = self._weights, len(self._weights["in_bias"])
        by_top = (by_scores @ weights["out"].T) * self._shown[2]
        by_mixed = by_top * _slope(self._mixed)
        by_near = by_mixed @ weights["near"].T
        by_inner = by_top + by_near[:, width : 2 * width]
        left, right = by_near[:, :width].copy(), by_near[:, 2 * width :].copy()
        left[self._first], right[self._last] = 0, 0
        by_inner += np.roll(left, -1, axis=0) + np.roll(right, 1, axis=0)
        by_before = by_inner * self._shown[1] * _slope(self._before)
        return {
            "in": self._states.T @ by_before,
            "in_bias": by_before.sum(axis=0),
            "near": self._near.T @ by_mixed,
            "near_bias": by_mixed.sum(axis=0),
            "out": self._top.T @ by_scores,
            "out_bias": by_scores.sum(axis=0),
        }

    def _mask(self, shape: tuple[int, int]) -> Numbers:
        if self._order is None:
            return np.ones((1, 1), np.float32)
        kept = self._order.random(shape, np.float32) >= self._drop
        return kept.astype(np.float32) / (np.float32(1) - self._drop)

    def _beside(self, inner: Numbers) -> Numbers:
        left, right = np.roll(inner, 1, axis=0), np.roll(inner, -1, axis=0)
        left[self._first], right[self._last] = 0, 0
        return np.concatenate([left, inner, right], axis=1)


class Adam:
    """Steps that know how far and how steadily each weight was pulled."""

    def __init__(self, weights: Weights, decay: float = 0.01) -> None:
        self._weights, self._decay, self._taken = weights, decay, 0
        self._mean = {name: np.zeros_like(value) for name, value in weights.items()}
        self._square = {name: np.zeros_like(value) for name, value in weights.items()}

    def take(self, pull: Weights, rates: dict[str, float]) -> None:
        self._taken += 1
        steady, wide = 1 - 0.9**self._taken, 1 - 0.999**self._taken
        for name, by in pull.items():
            mean, square, weights = self._mean[name], self._square[name], self._weights[name]
            mean += np.float32(0.1) * (by - mean)
            square += np.float32(0.001) * (by * by - square)
            rate = np.float32(rates[name])
            if weights.ndim == 2:
                weights *= 1 - rate * np.float32(self._decay)
            weights -= rate * (mean / np.float32(steady)) / (np.sqrt(square / np.float32(wide)) + np.float32(1e-6))


def _slope(x: Numbers) -> Numbers:
    bend = np.tanh(_RAMP * (x + np.float32(0.044715) * x * x * x))
    inner = _RAMP * (1 + np.float32(3 * 0.044715) * x * x)
    return np.float32(0.5) * (1 + bend) + np.float32(0.5) * x * (1 - bend * bend) * inner
