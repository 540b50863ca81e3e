"""Labels that lie in a tree: which path leads to each, and how sure one can be on each level of it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np

from routing.figures import Figure, bootstrapped_f1, proportion
from routing.labelling import Scores

STEP = "/"  # between the levels of a label that carries its path

Tree = Mapping[str, tuple[str, ...]]  # leaf → its path, the leaf last


class Level(msgspec.Struct, frozen=True):
    """How well labels are told apart on one level, 1 being the broadest."""

    level: int
    labels: int
    accuracy: Figure
    macro_f1: Figure


def read_tree(path: Path) -> dict[str, tuple[str, ...]]:
    """A tree from JSONL or CSV: each row one leaf, its columns the path from the top. Raises ValueError.

    A leaf that stands in several places cannot be placed by its name and is left out.
    """
    found: dict[str, set[tuple[str, ...]]] = {}
    for number, row in enumerate(_rows(path), start=1):
        steps = tuple(str(value).strip() for value in row if str(value or "").strip())
        if not steps:
            raise ValueError(f"{path}, row {number}: no path")
        found.setdefault(steps[-1], set()).add(steps)
    if not found:
        raise ValueError(f"{path}: no rows")
    return {leaf: next(iter(paths)) for leaf, paths in found.items() if len(paths) == 1}


def path_of(label: str, tree: Tree) -> tuple[str, ...]:
    """The path of a label: from the tree, else from the label itself, `城建/供水/停水`."""
    return tree.get(label) or tuple(step.strip() for step in label.split(STEP) if step.strip()) or (label,)


def depth(labels: Iterable[str], tree: Tree) -> int:
    """Levels of the deepest label."""
    return max((len(path_of(label, tree)) for label in labels), default=1)


def at_level(labels: Sequence[str], scores: Scores, level: int, tree: Tree) -> tuple[list[str], Scores]:
    """Shares of the labels of one level: each the sum of what lies under it, so that a doubt below is none above."""
    paths = [path_of(label, tree)[:level] for label in labels]
    names = sorted(set(paths))
    column = {name: i for i, name in enumerate(names)}
    summed = np.zeros((len(scores), len(names)))
    for i, path in enumerate(paths):
        summed[:, column[path]] += scores[:, i]
    return [STEP.join(name) for name in names], summed


def levels(labels: Sequence[str], scores: Scores, truth: Sequence[str], tree: Tree) -> list[Level]:
    """Figures per level; empty where all labels stand on one."""
    deepest = depth([*labels, *truth], tree)
    found = []
    for level in range(1, deepest + 1 if deepest > 1 else 1):
        names, summed = at_level(labels, scores, level, tree)
        guess = [names[i] for i in summed.argmax(axis=1)]
        true = [STEP.join(path_of(label, tree)[:level]) for label in truth]
        right = sum(t == g for t, g in zip(true, guess, strict=True))
        found.append(Level(level, len(names), proportion(right, len(true)), bootstrapped_f1(true, guess)))
    return found


def _rows(path: Path) -> Iterable[Sequence[object]]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        if path.suffix.lower() == ".csv":
            yield from list(csv.reader(lines))[1:]
            return
        for number, line in enumerate(lines, start=1):
            if line.strip():
                try:
                    yield list(json.loads(line).values())
                except (ValueError, AttributeError) as error:
                    raise ValueError(f"{path}, line {number}: no JSON object") from error
