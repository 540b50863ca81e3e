"""Learning from a city's past tickets: fit a classifier, measure it on rows it has not seen, classify new ones."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from routing.calibration import Abstention, Reliability, abstention, at_threshold, columns, reliability, sharpness
from routing.classifier import Classifier, Options
from routing.figures import Figure, bootstrapped_f1, confusions, proportion
from routing.held_out import held_out
from routing.hierarchy import Level, Tree, at_level, depth, levels
from routing.labelling import Judged, Labeller, Scores, softmax

TICKETS = Options(high=2, sound=False)  # for written tickets; what is spoken wants sound too
MAX_ERROR = 0.05  # of the verdicts given, unless another is asked for
AT_ONCE = 64  # texts judged together


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
    kind: str = "linear"
    calibration: Reliability  # confidence against truth
    abstention: Abstention  # the threshold that keeps the error asked for on these rows
    own_threshold: Abstention | None = None  # what the threshold chosen when the model was fitted does on these rows
    levels: list[Level]  # of labels with paths; empty for labels on one level


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


def evaluate(model: Labeller, data: Iterable[Row], max_error: float = MAX_ERROR, tree: Tree | None = None) -> Report:
    """Measures a model on rows; they must not be those it was fitted on."""
    data = list(data)
    if not data:
        raise BadRows("no rows to measure on")
    found = [model.shares([r.text for r in data[i : i + AT_ONCE]]) for i in range(0, len(data), AT_ONCE)]
    judged = Judged([r.label for r in data], model.labels, np.concatenate(found))
    return report(judged, model.kind, max_error, tree, model.threshold)


def cross_validated(
    data: Iterable[Row],
    folds: int = 5,
    options: Options | None = None,
    max_error: float = MAX_ERROR,
    tree: Tree | None = None,
) -> Report:
    """Measures the linear method on one file: every row is judged by a model that has not seen it."""
    data = list(data)

    def fit(seen: list[int]) -> tuple[Sequence[str], Callable[[list[int]], Scores]]:
        rows = [data[i] for i in seen]
        model = Classifier.fit([r.text for r in rows], [r.label for r in rows], options or TICKETS)
        return model.labels, lambda apart: np.stack([model.margins(data[i].text) for i in apart]).astype(np.float64)

    _, judged = held_out(fit, [r.label for r in data], folds)
    shares = softmax(judged.scores, sharpness(judged.scores, columns(judged.labels, judged.truth)))
    return report(Judged(judged.truth, judged.labels, shares), "linear", max_error, tree)


def report(
    judged: Judged, kind: str, max_error: float = MAX_ERROR, tree: Tree | None = None, threshold: float = 0.0
) -> Report:
    """The figures of rows that were judged by shares."""
    order = np.argsort(-judged.scores, axis=1, kind="stable")[:, :3]
    best = [[judged.labels[int(i)] for i in row] for row in order]
    truth, guess = judged.truth, [row[0] for row in best]
    per_label = _per_label(truth, guess)
    right = np.array([t == g for t, g in zip(truth, guess, strict=True)], dtype=np.bool_)
    sure = judged.scores.max(axis=1)
    return Report(
        n=len(truth),
        labels=len(judged.labels),
        accuracy=proportion(int(right.sum()), len(truth)),
        top3=proportion(sum(t in row for t, row in zip(truth, best, strict=True)), len(truth)),
        macro_f1=bootstrapped_f1(truth, guess),
        per_label=per_label,
        worst=sorted(per_label, key=lambda name: (per_label[name]["f1"], name))[:10],
        confusions=confusions(truth, guess),
        unknown=sum(t not in set(judged.labels) for t in truth),
        kind=kind,
        calibration=reliability(sure, right),
        abstention=abstention(sure, right, max_error),
        own_threshold=at_threshold(sure, right, threshold, max_error) if threshold else None,
        levels=levels(judged.labels, judged.scores, truth, tree or {}),
    )


def classify(
    model: Labeller, texts: Iterable[str], top: int = 3, why: bool = False, tree: Tree | None = None
) -> Iterator[dict[str, Any]]:
    """`label`, `score` and `top` for each text; `abstain` where the model is less sure than it was fitted to be.

    `why` adds the reasons; labels with paths get their `levels`, broadest first, each with its own share.
    """
    deep = depth(model.labels, tree or {})
    for text in texts:
        share = model.shares([text])
        order = np.argsort(-share[0], kind="stable")[:top]
        ranked = [{"label": model.labels[int(i)], "score": round(float(share[0, i]), 4)} for i in order]
        found: dict[str, Any] = {"label": ranked[0]["label"], "score": ranked[0]["score"], "top": ranked}
        if model.threshold:
            found["abstain"] = bool(share[0, order[0]] < model.threshold)
        if deep > 1:
            found["levels"] = [_level(model.labels, share, level, tree or {}) for level in range(1, deep + 1)]
        if why:
            found["why"] = [msgspec.to_builtins(reason) for reason in model.explain(text, str(ranked[0]["label"]))]
        yield found


def _level(labels: Sequence[str], share: Scores, level: int, tree: Tree) -> dict[str, Any]:
    names, summed = at_level(labels, share, level, tree)
    best = int(summed[0].argmax())
    return {"label": names[best], "score": round(float(summed[0, best]), 4)}


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
