"""Beside the calls, how likely so many reports are by chance. Pure."""

from __future__ import annotations


def chance_of(count: int, expected: float, firmness: float) -> float:
    """P(at least `count`) when `expected` are usual, and that is known as well as `firmness` past reports can tell.

    Negative binomial: with much known it comes near Poisson, with little known rare things may well be more common.
    """
    if count <= 0:
        return 1.0
    if expected <= 0:
        return 0.0
    r = max(firmness, 1e-6)
    p = r / (r + expected)
    term = p**r
    below = term
    for k in range(count - 1):
        term *= (k + r) / (k + 1) * (1 - p)
        below += term
    return max(0.0, 1.0 - below)
