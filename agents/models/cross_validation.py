"""How well a kind of classifier does on one file: every row is judged by a model that has not seen it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from agents.models.fitting import Plan, chosen, fit, meaning
from routing.held_out import held_out
from routing.hierarchy import Tree
from routing.labelling import Scores
from routing.training import Report, Row, report


def cross_validated(data: Sequence[Row], plan: Plan, folds: int = 5, tree: Tree | None = None) -> Report:
    """Fits and calibrates `folds` models, each on the rows of the other folds; so calibration is measured too."""
    kind = chosen(plan, len(data))
    embedding = meaning(plan, [row.text for row in data]) if kind in ("dense", "near", "ensemble") else None

    def on_these(seen: list[int]) -> tuple[Sequence[str], Callable[[list[int]], Scores]]:
        with tempfile.TemporaryDirectory(prefix="hotline-") as scratch:
            rows = [data[i] for i in seen]
            model = fit([r.text for r in rows], [r.label for r in rows], plan, Path(scratch), embedding)
        return model.labels, lambda apart: model.shares([data[i].text for i in apart])

    _, judged = held_out(on_these, [row.label for row in data], folds, missing=0.0)
    return report(judged, kind, plan.max_error, tree)
