"""Learning from a city's past tickets: fit a classifier, measure it on rows it has not seen, classify new ones."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from routing.classifier import Classifier, Options, shares
from routing.figures import Figure, bootstrapped_f1, confusions, proportion

TICKETS = Options(high=2, sound=False)  # for written tickets; what is spoken wants sound too


class BadRows(ValueError):
    """A data file that cannot be learnt from; says which line and why."""


class Row(msgspec.Struct, frozen=True):
    """A text and what it was filed under."""

    text: str
    label: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """How well a classifier does, with n and 95 % intervals."""

    n: int
    labels: int
    accuracy: Figure
    top3: Figure
    macro_f1: Figure
    per_label: dict[str, dict[str, float]]  # label → n, precision, recall, f1
    worst: list[str]  # labels of lowest F1 first
    confusions: list[dict[str, str | int]]
    unknown: int = 0  # rows whose label the model has never seen; counted as wrong


def rows(path: Path, text: str = "text", label: str = "label") -> list[Row]:
    """Rows of a JSONL or CSV file. Raises BadRows naming file and line."""
    found = list(_jsonl(path, text, label) if path.suffix.lower() in (".jsonl", ".json") else _csv(path, text, label))
    if not found:
        raise BadRows(f"{path}: no rows")
    return found


def train(data: Iterable[Row], out: Path, options: Options | None = None) -> Classifier:
    """Fits on all rows and saves the model to `out`."""
    data = list(data)
    model = Classifier.fit([r.text for r in data], [r.label for r in data], options or TICKETS)
    model.save(out)
    return model


def evaluate(model: Classifier, data: Iterable[Row]) -> Report:
    """Measures a model on rows; they must not be those it was fitted on."""
    data = list(data)
    if not data:
        raise BadRows("no rows to measure on")
    guess, near = [], 0
    for row in data:
        order = np.argsort(-model.margins(row.text), kind="stable")[:3]
        best = [model.labels[int(i)] for i in order]
        guess.append(best[0])
        near += row.label in best
    truth = [r.label for r in data]
    per_label = _per_label(truth, guess)
    return Report(
        n=len(data),
        labels=len(model.labels),
        accuracy=proportion(sum(t == g for t, g in zip(truth, guess, strict=True)), len(data)),
        top3=proportion(near, len(data)),
        macro_f1=bootstrapped_f1(truth, guess),
        per_label=per_label,
        worst=sorted(per_label, key=lambda name: (per_label[name]["f1"], name))[:10],
        confusions=confusions(truth, guess),
        unknown=sum(t not in set(model.labels) for t in truth),
    )


def cross_validated(data: Iterable[Row], folds: int = 5, options: Options | None = None) -> Report:
    """Measures the method on one file: every row is judged by a model that has not seen it."""
    data = list(data)
    fold = _folds(data, folds)
    truth: list[str] = []
    guess: list[str] = []
    near = 0
    for part in range(folds):
        seen = [r for r, f in zip(data, fold, strict=True) if f != part]
        model = Classifier.fit([r.text for r in seen], [r.label for r in seen], options or TICKETS)
        for row in (r for r, f in zip(data, fold, strict=True) if f == part):
            order = np.argsort(-model.margins(row.text), kind="stable")[:3]
            best = [model.labels[int(i)] for i in order]
            truth.append(row.label)
            guess.append(best[0])
            near += row.label in best
    per_label = _per_label(truth, guess)
    return Report(
        n=len(data),
        labels=len(per_label),
        accuracy=proportion(sum(t == g for t, g in zip(truth, guess, strict=True)), len(data)),
        top3=proportion(near, len(data)),
        macro_f1=bootstrapped_f1(truth, guess),
        per_label=per_label,
        worst=sorted(per_label, key=lambda name: (per_label[name]["f1"], name))[:10],
        confusions=confusions(truth, guess),
    )


def classify(model: Classifier, texts: Iterable[str], top: int = 3) -> Iterator[dict[str, Any]]:
    """`label`, `score` and `top` for each text."""
    for text in texts:
        margins = model.margins(text)
        share = shares(margins)
        order = np.argsort(-margins, kind="stable")[:top]
        ranked = [{"label": model.labels[int(i)], "score": round(float(share[i]), 4)} for i in order]
        yield {"label": ranked[0]["label"], "score": ranked[0]["score"], "top": ranked}


def _folds(data: list[Row], folds: int) -> list[int]:
    """Spreads each label evenly over the folds, in the order of the file."""
    if folds < 2:
        raise ValueError(f"at least 2 folds, got {folds}")
    seen: Counter[str] = Counter()
    found = []
    for row in data:
        found.append(seen[row.label] % folds)
        seen[row.label] += 1
    return found


def _per_label(truth: list[str], guess: list[str]) -> dict[str, dict[str, float]]:
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])  # right, said, true
    for t, g in zip(truth, guess, strict=True):
        counts[t][2] += 1
        counts[g][1] += 1
        counts[t][0] += t == g
    return {
        name: {
            "n": true,
            "precision": round(right / said, 4) if said else 0.0,
            "recall": round(right / true, 4),
            "f1": round(2 * right / (said + true), 4),
        }
        for name, (right, said, true) in sorted(counts.items())
        if true
    }


def _jsonl(path: Path, text: str, label: str) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                try:
                    yield _row(path, number, json.loads(line), text, label)
                except json.JSONDecodeError as error:
                    raise BadRows(f"{path}, line {number}: no JSON: {error.msg}") from error


def _csv(path: Path, text: str, label: str) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for record in (reader := csv.DictReader(lines)):
            yield _row(path, reader.line_num, record, text, label)


def _row(path: Path, number: int, record: Any, text: str, label: str) -> Row:
    if not isinstance(record, dict):
        raise BadRows(f"{path}, line {number}: no record but {type(record).__name__}")
    for name in (text, label):
        if not isinstance(record.get(name), str) or not record[name].strip():
            raise BadRows(f"{path}, line {number}: field {name!r} is missing or empty (has: {', '.join(record)})")
    return Row(record[text], record[label].strip())
