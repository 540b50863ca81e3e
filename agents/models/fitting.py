"""Fits a classifier of any kind on a city's tickets, and calibrates it on tickets kept back meanwhile."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from agents.models.bge import BgeSmall
from agents.models.dense import DenseLabeller, Joined, meanings
from agents.models.embedding import BGE, Vectors, open_embedding
from agents.models.encoder import EncoderLabeller
from agents.models.encoder_lessons import Lessons, Progress
from agents.models.ensemble import EnsembleLabeller, believed, mixed
from routing.calibration import columns
from routing.classifier import Classifier, Options
from routing.held_out import Fit, calibrated, held_out, threshold_of
from routing.labelling import Judged, Labeller, Scores, softmax

Kind = Literal["auto", "linear", "dense", "encoder", "ensemble"]
KINDS: tuple[str, ...] = ("auto", "linear", "dense", "encoder", "ensemble")
Make = Callable[[list[int]], tuple[Labeller, Callable[[list[int]], Scores]]]  # rows seen → model, judge of rows
FOLDS = 8  # of the encoder and the ensemble only the first is judged: a fold costs one training


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to fit, and with what."""

    kind: str = "auto"
    models: Path = Path(".cache/models")
    embedding: str = "auto"
    max_error: float = 0.05  # of the verdicts given; the rest is left to a person
    threads: int = 2
    linear: Options = Options(high=2, sound=False)
    joined: Joined = Joined()
    lessons: Lessons = Lessons()


def chosen(plan: Plan) -> str:
    """The kind that `auto` stands for here. Raises ValueError for a kind that is none."""
    if plan.kind not in KINDS:
        raise ValueError(f"no classifier of kind {plan.kind!r}: {', '.join(KINDS)}")
    return "ensemble" if plan.kind == "auto" else plan.kind


def can_train(models: Path) -> str:
    """What an encoder lacks here to be trained; empty when nothing."""
    absent = [name for name in ("torch", "transformers", "onnx") if importlib.util.find_spec(name) is None]
    if absent:
        return f"{', '.join(absent)} (pip install 'hotline-copilot[training]')"
    return "" if BgeSmall.is_in(models / BGE) else f"{BGE} (hotline models fetch {BGE})"


def fit(
    texts: Sequence[str], labels: Sequence[str], plan: Plan, scratch: Path, progress: Progress | None = None
) -> Labeller:
    """The fitted classifier. `scratch`: a folder for an encoder's files, needed until it is saved.

    Raises ValueError where there is nothing to tell apart, RuntimeError where the kind cannot be trained here.
    """
    kind = chosen(plan)
    work = _Work(list(texts), list(labels), plan, scratch, progress)
    if kind == "linear":
        return work.cheap(work.linear)
    if kind == "dense":
        return work.cheap(work.dense)
    lacking = can_train(plan.models)
    if kind == "encoder" and lacking:
        raise RuntimeError(f"an encoder cannot be trained here: there is no {lacking}")
    return work.encoder() if kind == "encoder" else work.ensemble(with_encoder=not lacking)


class _Work:
    """One fitting: texts, labels, and the vectors that several members share."""

    def __init__(
        self, texts: list[str], labels: list[str], plan: Plan, scratch: Path, progress: Progress | None
    ) -> None:
        if len(set(labels)) < 2:
            raise ValueError(f"fit needs two labels or more and one label per text, got {len(set(labels))} labels")
        self._texts, self._labels, self._plan = texts, labels, plan
        self._scratch, self._progress = scratch, progress
        self._vectors: Vectors | None = None

    def linear(self, seen: list[int]) -> tuple[Classifier, Callable[[list[int]], Scores]]:
        import numpy as np

        model = Classifier.fit([self._texts[i] for i in seen], [self._labels[i] for i in seen], self._plan.linear)
        return model, lambda rows: np.stack([model.margins(self._texts[i]) for i in rows]).astype(np.float64)

    def dense(self, seen: list[int]) -> tuple[DenseLabeller, Callable[[list[int]], Scores]]:
        plan = self._plan
        embedding = open_embedding(plan.embedding, plan.models, plan.threads)
        if self._vectors is None:
            self._vectors = meanings(embedding, self._texts)
        vectors = self._vectors
        texts, labels = [self._texts[i] for i in seen], [self._labels[i] for i in seen]
        model = DenseLabeller.fit(embedding, texts, labels, plan.joined, vectors[seen])
        return model, lambda rows: model.margins([self._texts[i] for i in rows], vectors[rows])

    def cheap(self, make: Make) -> Labeller:
        """Fits three times for the calibration, then on all rows."""
        _, judged = held_out(_labels_of(make), self._labels, folds=3)
        model, _ = make(list(range(len(self._texts))))
        model.sharpness, model.threshold = calibrated(judged, self._plan.max_error)
        return model

    def _encoder_on(self, seen: list[int], name: str) -> tuple[EncoderLabeller, Callable[[list[int]], Scores]]:
        from agents.models.encoder_training import train_encoder

        model = train_encoder(
            [self._texts[i] for i in seen], [self._labels[i] for i in seen], self._plan.models / BGE,
            self._scratch / name, self._plan.lessons.fitting(self._texts), self._plan.threads, self._progress,
        )  # fmt: skip
        return model, lambda rows: model.margins([self._texts[i] for i in rows])

    def encoder(self) -> EncoderLabeller:
        model, judged, _ = self._judged_encoder()
        model.sharpness, model.threshold = calibrated(judged, self._plan.max_error)
        return model

    def _judged_encoder(self) -> tuple[EncoderLabeller, Judged, list[int]]:
        """An encoder that has not seen the first fold, judged on it; trained again on all where time allows."""
        kept: list[EncoderLabeller] = []

        def make(seen: list[int]) -> tuple[Sequence[str], Callable[[list[int]], Scores]]:
            model, judge = self._encoder_on(seen, f"encoder{len(kept)}")
            kept.append(model)
            return model.labels, judge

        rows, judged = held_out(make, self._labels, FOLDS, only=(0,))
        everything = list(range(len(self._texts)))
        if self._plan.lessons.fitting(self._texts).twice(self._texts) or len(kept[0].labels) < len(set(self._labels)):
            make(everything)
        return kept[-1], judged, rows

    def ensemble(self, with_encoder: bool) -> EnsembleLabeller:
        makes: list[Make] = [self.linear, self.dense]
        members: list[Labeller] = []
        shares: list[Scores] = []
        folds, only = (FOLDS, (0,)) if with_encoder else (3, ())
        judged = None
        for make in makes:
            _, judged = held_out(_labels_of(make), self._labels, folds, only)
            model, _ = make(list(range(len(self._texts))))
            members.append(model)
            shares.append(self._calibrate(model, judged))
        if with_encoder:
            encoder, judged, _ = self._judged_encoder()
            members.append(encoder)
            shares.append(self._calibrate(encoder, judged))
        assert judged is not None
        weights = believed(shares, columns(judged.labels, judged.truth))
        model = EnsembleLabeller(members, weights)
        model.threshold = threshold_of(mixed(shares, weights), judged, self._plan.max_error)
        return model

    def _calibrate(self, model: Labeller, judged: Judged) -> Scores:
        model.sharpness, model.threshold = calibrated(judged, self._plan.max_error)
        return softmax(judged.scores, model.sharpness)


def _labels_of(make: Make) -> Fit:
    def fitted(seen: list[int]) -> tuple[Sequence[str], Callable[[list[int]], Scores]]:
        model, judge = make(seen)
        return model.labels, judge

    return fitted
