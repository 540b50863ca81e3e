"""How an encoder is fine-tuned: how long, how fast, in what order; no torch needed to say so."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
import numpy as np

MOST_READ = 2_200_000  # tokens, each read once per epoch: about half an hour on two cores

Progress = Callable[[int, int], None]  # steps done, steps in all


class Lessons(msgspec.Struct, frozen=True, kw_only=True):
    """How an encoder is fine-tuned."""

    tokens: int = 128  # read of a text
    epochs: float = 4.0
    batch: int = 16
    rate: float = 1.5e-4  # of learning, at its peak
    head_rate: float = 1e-3
    smoothing: float = 0.1  # of the labels
    dropout: float = 0.1
    balance: float = 0.25  # 0: each row counts alike, 1: each label
    seed: int = 7

    def fitting(self, texts: Sequence[str]) -> Lessons:
        """The same with as many epochs as half an hour on two cores allows, never fewer than one."""
        read = sum(min(len(text), self.tokens) + 2 for text in texts)
        return msgspec.structs.replace(self, epochs=round(max(1.0, min(self.epochs, MOST_READ / read)), 2))

    def twice(self, texts: Sequence[str]) -> bool:
        """Whether the time allows a second training, on all rows."""
        read = sum(min(len(text), self.tokens) + 2 for text in texts)
        return 2 * self.epochs * read <= MOST_READ


def batches(lengths: Sequence[int], lessons: Lessons) -> list[list[int]]:
    """Batches of rows of like length, in an order that the seed alone decides."""
    dice = np.random.default_rng(lessons.seed)
    plan: list[list[int]] = []
    wanted = max(1, round(lessons.epochs * len(lengths) / lessons.batch))
    while len(plan) < wanted:
        order = dice.permutation(len(lengths))
        stretch = lessons.batch * 16
        batches = []
        for start in range(0, len(order), stretch):
            near = sorted(order[start : start + stretch].tolist(), key=lambda i: lengths[i])
            batches += [near[i : i + lessons.batch] for i in range(0, len(near), lessons.batch)]
        plan += [batches[i] for i in dice.permutation(len(batches))]
    return plan[:wanted]


def slope(step: int, steps: int) -> float:
    """Up over the first tenth, down to nothing."""
    warm = max(1, steps // 10)
    return (step + 1) / warm if step < warm else max(0.0, (steps - step) / max(1, steps - warm))
