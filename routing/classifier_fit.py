"""Fits linear margins over rows of numbers; with `routing/classifier.py` the only place that knows scikit-learn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Pair = tuple[NDArray[np.int32], NDArray[np.float32]]  # columns and values of one row


def sparse(rows: Sequence[Pair], width: int) -> Any:
    """Rows as one sparse matrix."""
    from scipy.sparse import csr_matrix

    return csr_matrix(
        (
            np.concatenate([v for _, v in rows]),
            np.concatenate([i for i, _ in rows]),
            np.cumsum([0, *(len(i) for i, _ in rows)]),
        ),
        shape=(len(rows), width),
    )


def beside(matrix: Any, more: NDArray[np.float32]) -> Any:
    """The rows of both, end to end."""
    from scipy.sparse import csr_matrix, hstack

    return hstack([matrix, csr_matrix(more)]).tocsr()


def margins(
    matrix: Any, labels: Sequence[str], c: float, balance: float = 0.0
) -> tuple[list[str], NDArray[np.float32], NDArray[np.float32]]:
    """Labels, weights (features × labels) and bias of a linear support-vector machine, one label against the rest.

    `balance` between 0 (each row counts alike) and 1 (each label counts alike). Raises ValueError with fewer than
    two labels.
    """
    from sklearn.svm import LinearSVC

    names = sorted(set(labels))
    if len(names) < 2 or matrix.shape[0] != len(labels):
        raise ValueError(f"fit needs two labels or more and one label per text, got {len(names)} labels")
    spread = Counter(labels)
    weight = {name: (len(labels) / len(names) / spread[name]) ** balance for name in names} if balance else None
    model = LinearSVC(C=c, random_state=0, class_weight=weight).fit(matrix, labels)
    weights, bias = np.asarray(model.coef_), np.asarray(model.intercept_)
    if len(names) == 2:  # one row speaks for both
        weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
    return names, np.ascontiguousarray(weights.T, dtype=np.float32), bias.astype(np.float32)
