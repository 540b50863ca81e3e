"""Rows judged by models that have not seen them: the ground under every calibration, threshold and figure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from routing import classifier_fit
from routing.calibration import abstention, columns, sharpness
from routing.classifier import Options, features
from routing.labelling import Judged, Scores, softmax

Fit = Callable[[list[int]], tuple[Sequence[str], Callable[[list[int]], Scores]]]  # rows seen → labels, judge of rows


def folds_of(labels: Sequence[str], folds: int) -> list[int]:
    """Spreads each label evenly over the folds, in the order of the rows; a label's first row goes where its name says.

    So one fold does not get the only row of every rare label.
    """
    if folds < 2:
        raise ValueError(f"at least 2 folds, got {folds}")
    start = {label: i for i, label in enumerate(sorted(set(labels)))}
    seen: Counter[str] = Counter()
    found = []
    for label in labels:
        found.append((start[label] + seen[label]) % folds)
        seen[label] += 1
    return found


def held_out(
    fit: Fit, labels: Sequence[str], folds: int, only: Sequence[int] = (), missing: float | None = None
) -> tuple[list[int], Judged]:
    """The rows judged, and how, fold by fold (or those folds of `only`). Margins or shares, as `fit` gives them."""
    fold = folds_of(labels, folds)
    names = tuple(sorted(set(labels)))
    rows: list[int] = []
    scores: list[Scores] = []
    for part in only or range(folds):
        apart = [i for i, f in enumerate(fold) if f == part]
        known, judge = fit([i for i, f in enumerate(fold) if f != part])
        found = np.asarray(judge(apart), dtype=np.float64)
        least = missing if missing is not None else found.min() - 1.0 if found.size else 0.0
        whole = np.full((len(apart), len(names)), least)
        whole[:, [names.index(name) for name in known]] = found
        rows += apart
        scores.append(whole)
    return rows, Judged([labels[i] for i in rows], names, np.concatenate(scores))


def unseen_margins(
    texts: Sequence[str], labels: Sequence[str], fold: NDArray[np.int64], options: Options
) -> tuple[list[str], NDArray[np.float32]]:
    """Labels, and texts × labels: margins from linear models that never saw the text's fold.

    An empty label is judged, not learnt.
    """
    _, _, matrix = features(texts, options)
    known = np.array(labels)
    names = sorted(set(labels) - {""})
    margins = np.zeros((len(texts), len(names)), dtype=np.float32)
    for part in np.unique(fold):
        seen, kept = np.flatnonzero((fold != part) & (known != "")), np.flatnonzero(fold == part)
        _, weights, bias = classifier_fit.margins(matrix[seen], list(known[seen]), options.c, options.balance)
        margins[kept] = matrix[kept] @ weights + bias
    return names, margins


def calibrated(judged: Judged, max_error: float) -> tuple[float, float]:
    """What to multiply margins by to make them shares, and the share below which no verdict is given."""
    truth = columns(judged.labels, judged.truth)
    factor = sharpness(judged.scores, truth)
    return factor, threshold_of(softmax(judged.scores, factor), judged, max_error)


def threshold_of(shares: Scores, judged: Judged, max_error: float) -> float:
    """The share from which on no more than `max_error` of the verdicts on these rows were wrong."""
    truth = columns(judged.labels, judged.truth)
    return abstention(shares.max(axis=1), shares.argmax(axis=1) == truth, max_error).threshold
