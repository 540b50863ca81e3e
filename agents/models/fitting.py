"""Fits a classifier of any kind on a city's tickets, calibrated on tickets kept back meanwhile."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import msgspec
import numpy as np
from msgspec.structs import replace

from agents.models.bge import BgeSmall
from agents.models.dense import DenseLabeller, Joined
from agents.models.embedding import BGE, BOTH, Embedding, open_embedding
from agents.models.encoder import EncoderLabeller
from agents.models.encoder_lessons import Lessons, Progress
from agents.models.ensemble import EnsembleLabeller, believed, mixed
from agents.models.near import MOST_ROWS, Likeness, NearLabeller
from agents.models.remembered import Remembered
from routing.calibration import columns
from routing.classifier import Classifier, Options
from routing.held_out import Fit, calibrated, folds_of, held_out, threshold_of
from routing.labelling import Judged, Labeller, Scores, softmax

KINDS = ("auto", "linear", "dense", "near", "encoder", "ensemble")
SHORT = 60  # characters of the middle text
FOLDS = 3  # for what is fitted in seconds
STRENGTHS = (0.7, 1.5)  # of `c`, tried on one fold: few rows per label want more
ENCODER_FOLDS = 8  # of which one is judged: each costs a training


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to fit, and with what."""

    kind: str = "auto"
    models: Path = Path(".cache/models")
    embedding: str = "auto"
    max_error: float = 0.05  # of the verdicts given; the rest is left to a person
    threads: int = 2
    linear: Options = Options(high=2, sound=False)  # its `c` is chosen by trial
    joined: Joined = Joined()
    likeness: Likeness | None = None  # None = what suits the embedding
    lessons: Lessons = Lessons()


def chosen(plan: Plan, rows: int) -> str:
    """What `auto` stands for: an ensemble where an encoder can be trained, else the best member. Raises ValueError."""
    if plan.kind not in KINDS:
        raise ValueError(f"no classifier of kind {plan.kind!r}: {', '.join(KINDS)}")
    if plan.kind == "auto":
        return "ensemble" if not lacking(plan.models) else _meant(rows)
    return plan.kind


def _meant(rows: int) -> str:
    """The better of the two that know meanings, for so many rows."""
    return "near" if rows <= MOST_ROWS else "dense"


def lacking(models: Path) -> str:
    """What is missing here to train an encoder; empty when nothing."""
    absent = [name for name in ("torch", "transformers", "onnx") if importlib.util.find_spec(name) is None]
    if absent:
        return f"{', '.join(absent)} (the training extra: pip install 'hotline-copilot[training]')"
    return "" if BgeSmall.is_in(models / BGE) else f"{BGE} (hotline models fetch {BGE})"


def meaning(plan: Plan, texts: Sequence[str]) -> Embedding:
    """The plan's embedding for these texts, which remembers those it has met. Raises EmbeddingMissing.

    `auto` reads short texts, of which every sign counts, by both embeddings; long ones would take minutes for little.
    """
    name = plan.embedding
    if name == "auto" and BgeSmall.is_in(plan.models / BGE) and median(map(len, texts)) <= SHORT:
        name = BOTH
    return Remembered(open_embedding(name, plan.models, plan.threads))


def fit(
    texts: Sequence[str],
    labels: Sequence[str],
    plan: Plan,
    scratch: Path,
    embedding: Embedding | None = None,
    progress: Progress | None = None,
) -> Labeller:
    """The fitted classifier. `scratch`: a folder for an encoder's files, which it needs until it is saved.

    Raises ValueError where there is nothing to tell apart, RuntimeError where the kind cannot be trained here.
    """
    kind, missing = chosen(plan, len(texts)), lacking(plan.models)
    if len(set(labels)) < 2 or len(texts) != len(labels):
        raise ValueError(f"fit needs two labels or more and one label per text, got {len(set(labels))} labels")
    if kind == "encoder" and missing:
        raise RuntimeError(f"an encoder cannot be trained here: there is no {missing}")
    if kind in ("dense", "near", "ensemble"):
        embedding = embedding or meaning(plan, texts)
    work = _Work(texts, labels, plan, scratch, embedding, progress)
    if kind != "ensemble":
        return work.member(kind, *_folds(kind == "encoder"))[0]
    meant = _meant(len(texts))
    return work.ensemble(["linear", meant] if missing else [meant, "encoder"], *_folds(not missing))


def _folds(with_encoder: bool) -> tuple[int, tuple[int, ...]]:
    return (ENCODER_FOLDS, (0,)) if with_encoder else (FOLDS, ())


class _Work:
    """One fitting; members see the same rows and are judged on the same rows kept back."""

    def __init__(
        self,
        texts: Sequence[str],
        labels: Sequence[str],
        plan: Plan,
        scratch: Path,
        embedding: Embedding | None,
        progress: Progress | None,
    ) -> None:
        self._texts, self._labels, self._plan = texts, labels, plan
        self._scratch, self._embedding, self._progress = scratch, embedding, progress
        self._c: dict[str, float] = {}

    def member(self, kind: str, folds: int, only: Sequence[int]) -> tuple[Labeller, Judged]:
        """The member and how models like it judged the rows kept back, in shares."""
        if kind == "near":
            return self._near(folds, only)
        if kind != "encoder":
            self._c[kind] = max(STRENGTHS, key=lambda c: self._right(kind, c))
        last: list[Labeller] = []
        _, judged = held_out(self._on(kind, last), self._labels, folds, only)
        model = last[0]
        if kind != "encoder" or self._again(model):
            model = self._make(kind, list(range(len(self._texts))))
        model.sharpness, model.threshold = calibrated(judged, self._plan.max_error)
        return model, Judged(judged.truth, judged.labels, softmax(judged.scores, model.sharpness))

    def _near(self, folds: int, only: Sequence[int]) -> tuple[Labeller, Judged]:
        """Each row is left out in turn while it is fitted once; those are given that the others are judged on."""
        assert self._embedding is not None
        model, judged = NearLabeller.fit(self._embedding, self._texts, self._labels, self._plan.likeness)
        model.sharpness, model.threshold = calibrated(judged, self._plan.max_error)
        order = [i for part in only or range(folds) for i, f in enumerate(folds_of(self._labels, folds)) if f == part]
        shares = softmax(judged.scores[order], model.sharpness)
        return model, Judged([judged.truth[i] for i in order], judged.labels, shares)

    def _on(self, kind: str, last: list[Labeller]) -> Fit:
        """Fits the kind on the rows it is given, and keeps the newest model in `last`."""

        def on_these(seen: list[int]) -> tuple[Sequence[str], Callable[[list[int]], Scores]]:
            last[:] = [self._make(kind, seen)]
            return last[0].labels, lambda rows: margins_of(last[0], [self._texts[i] for i in rows])

        return on_these

    def _right(self, kind: str, c: float) -> int:
        """Rows of one fold that are judged right with this strength."""
        self._c[kind] = c
        _, judged = held_out(self._on(kind, []), self._labels, FOLDS, only=(0,))
        best = [judged.labels[i] for i in judged.scores.argmax(axis=1)]
        return sum(t == g for t, g in zip(judged.truth, best, strict=True))

    def ensemble(self, kinds: Sequence[str], folds: int, only: Sequence[int]) -> EnsembleLabeller:
        made = [self.member(kind, folds, only) for kind in kinds]
        shares, first = [judged.scores for _, judged in made], made[0][1]
        weights = believed(shares, columns(first.labels, first.truth))
        model = EnsembleLabeller([member for member, _ in made], weights)
        model.threshold = threshold_of(mixed(shares, weights), first, self._plan.max_error)
        return model

    def _again(self, model: Labeller) -> bool:
        """Whether an encoder is trained a second time, on all rows: where time allows, and where it missed a label."""
        lessons = self._plan.lessons.fitting(self._texts)
        return lessons.twice(self._texts) or len(model.labels) < len(set(self._labels))

    def _make(self, kind: str, seen: Sequence[int]) -> Labeller:
        texts, labels = [self._texts[i] for i in seen], [self._labels[i] for i in seen]
        plan = self._plan
        if kind == "linear":
            return Classifier.fit(texts, labels, replace(plan.linear, c=self._c[kind]))
        if kind == "dense":
            assert self._embedding is not None
            joined = replace(plan.joined, options=replace(plan.joined.options, c=self._c[kind]))
            return DenseLabeller.fit(self._embedding, texts, labels, joined)
        from agents.models.encoder_training import train_encoder

        lessons = plan.lessons.fitting(self._texts)
        folder = self._scratch / f"encoder-{len(seen)}"
        return train_encoder(texts, labels, plan.models / BGE, folder, lessons, plan.threads, self._progress)


def margins_of(model: Labeller, texts: Sequence[str]) -> Scores:
    """Margins of many texts, of a model that has margins."""
    if isinstance(model, Classifier):
        return np.stack([model.margins(text) for text in texts]).astype(np.float64)
    if isinstance(model, DenseLabeller | NearLabeller | EncoderLabeller):
        return model.margins(texts)
    raise TypeError(f"a classifier of kind {model.kind} has no margins of its own")
