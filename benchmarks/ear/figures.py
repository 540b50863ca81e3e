"""Figures of the ear's benchmarks: percentiles, lag of a client, and whether it grows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def spread(values: Sequence[float]) -> dict[str, Any]:
    """n, median, 95th percentile and largest, seconds."""
    if not values:
        return {"n": 0}
    return {
        "n": len(values),
        "p50": round(float(np.percentile(values, 50)), 3),
        "p95": round(float(np.percentile(values, 95)), 3),
        "max": round(float(max(values)), 3),
    }


def worst_client(lags: dict[str, list[tuple[float, float]]]) -> dict[str, Any]:
    """Response lags per client as (moment, lag): the worst client's p95, and how fast lag grew there, s per s."""
    p95 = {name: float(np.percentile([lag for _, lag in points], 95)) for name, points in lags.items() if points}
    if not p95:
        return {"clients": 0}
    worst = max(p95, key=lambda name: p95[name])
    at, lag = np.array(lags[worst]).T
    growth = float(np.polyfit(at, lag, 1)[0]) if len(at) > 3 else 0.0
    return {"clients": len(p95), "p95": round(p95[worst], 3), "growth": round(growth, 4)}
