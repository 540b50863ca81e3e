"""Chains of labels over the words of an address: what all paths weigh, and the best of them. Numbers only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float32]
Marks = NDArray[np.bool_]
NEVER = np.float32(-1e4)  # a step that cannot be taken


def posteriors(scores: Numbers, mask: Marks, steps: Numbers, start: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """How likely every label and every step is over all paths, exactly.

    `scores` batch × words × labels, `mask` batch × words (true where there is a word, from the left), `steps` from ×
    to, `start` per label. Gives the logarithm of all paths' weight per address, the labels' chances (as `scores`), and
    the steps' expected counts summed over the batch (as `steps`).
    """
    labels = scores.shape[2]
    top = scores.max(axis=2, keepdims=True)
    local, step = np.exp(scores - top), np.exp(steps)
    ahead, behind = np.empty_like(local), np.empty_like(local)
    scale = np.ones(mask.shape, local.dtype)
    first = np.exp(start) * local[:, 0]
    scale[:, 0] = first.sum(axis=1)
    ahead[:, 0] = first / scale[:, :1]
    for at in range(1, mask.shape[1]):
        here = (ahead[:, at - 1] @ step) * local[:, at]
        scale[:, at] = np.where(mask[:, at], here.sum(axis=1), 1)
        ahead[:, at] = np.where(mask[:, at, None], here / scale[:, at, None], ahead[:, at - 1])
    behind[:, -1] = 1
    for at in range(mask.shape[1] - 1, 0, -1):
        back = ((behind[:, at] * local[:, at]) @ step.T) / scale[:, at, None]
        behind[:, at - 1] = np.where(mask[:, at, None], back, 1)
    chances = ahead * behind * mask[:, :, None]
    right = behind[:, 1:] * local[:, 1:] / scale[:, 1:, None] * mask[:, 1:, None]
    counts = step * (ahead[:, :-1].reshape(-1, labels).T @ right.reshape(-1, labels))
    weight = ((np.log(scale) + top[:, :, 0]) * mask).sum(axis=1)
    return weight, chances, counts


def best_path(scores: Numbers, steps: Numbers, start: Numbers) -> NDArray[np.int64]:
    """The heaviest path: one label per word. `scores` words × labels, at least one word."""
    best = scores[0] + start
    back = np.zeros(scores.shape, np.int64)
    for at in range(1, len(scores)):
        through = best[:, None] + steps
        back[at] = through.argmax(axis=0)
        best = through.max(axis=0) + scores[at]
    path = np.empty(len(scores), np.int64)
    path[-1] = best.argmax()
    for at in range(len(scores) - 1, 0, -1):
        path[at - 1] = back[at, path[at]]
    return path


def padded(rows: list[Numbers], lengths: NDArray[np.int64]) -> tuple[Numbers, Marks]:
    """Rows of several addresses (already end to end) as batch × longest × labels, with the mask of what is there."""
    mask = np.arange(int(lengths.max()))[None] < lengths[:, None]
    block = np.zeros((*mask.shape, rows[0].shape[1]), np.float32)
    block[mask] = np.concatenate(rows)
    return block, mask


def loss_gradient(
    scores: Numbers, mask: Marks, truth: NDArray[np.int64], steps: Numbers, start: Numbers
) -> tuple[float, Numbers, Numbers, Numbers]:
    """Minus the log chance of the true paths (summed), and its gradient by scores, steps and start.

    `truth`: batch × words, anything where the mask is false.
    """
    weight, chances, counts = posteriors(scores, mask, steps, start)
    row, at = np.nonzero(mask)
    row_to, at_to = np.nonzero(mask[:, 1:])
    before, after = truth[row_to, at_to], truth[row_to, at_to + 1]
    true_weight = scores[row, at, truth[row, at]].sum() + steps[before, after].sum() + start[truth[:, 0]].sum()
    by_scores = chances
    by_scores[row, at, truth[row, at]] -= 1
    np.subtract.at(counts, (before, after), np.float32(1))
    return float(weight.sum() - true_weight), by_scores, counts, by_scores[:, 0].sum(axis=0)


def ordered(labels: tuple[str, ...]) -> tuple[Numbers, Numbers]:
    """What BIO forbids, as scores to add to steps and start: an I only after a B or I of its kind."""
    steps = np.zeros((len(labels), len(labels)), np.float32)
    start = np.zeros(len(labels), np.float32)
    for to, label in enumerate(labels):
        if label.startswith("I-"):
            start[to] = NEVER
            for before, name in enumerate(labels):
                if name[2:] != label[2:]:
                    steps[before, to] = NEVER
    return steps, start
