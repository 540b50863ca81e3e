"""The port behind which every classifier stands: texts in, a calibrated share per label out, with reasons."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]  # texts × labels

REASONS = 6  # shown for one verdict


class Reason(msgspec.Struct, frozen=True):
    """What speaks for a label: words of the text, and how much of its margin or share they carry."""

    words: str
    weight: float


class Labeller(Protocol):
    """Gives a text a share for each label. Deterministic; the same text has the same shares alone and among others."""

    kind: str  # linear, dense, near, encoder or ensemble
    labels: tuple[str, ...]  # all that it can give, in the order of the columns of `shares`
    sharpness: float  # what margins are multiplied by to make them shares
    threshold: float  # a best share below it is no verdict; 0 = none is

    def shares(self, texts: Sequence[str]) -> Scores:
        """Calibrated: of the labels given with share p, about p are right. Each row adds up to one."""

    def explain(self, text: str, label: str, most: int = REASONS) -> list[Reason]:
        """What in the text speaks for the label, strongest first. Raises ValueError for a label it does not know."""

    def save(self, folder: Path) -> None:
        """Writes data only, nothing that runs when read."""


class Judged(msgspec.Struct, frozen=True):
    """Rows that were judged by a model that had not seen them."""

    truth: list[str]
    labels: tuple[str, ...]
    scores: Scores


def softmax(margins: NDArray[np.floating], sharpness: float = 1.0) -> Scores:
    """Margins as shares, row by row."""
    raised = np.exp(sharpness * (margins - margins.max(axis=-1, keepdims=True)).astype(np.float64))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def column(labels: Sequence[str], label: str) -> int:
    """Where a label stands. Raises ValueError."""
    if label not in labels:
        raise ValueError(f"the model does not know the label {label!r}")
    return list(labels).index(label)


def occluded(labeller: Labeller, text: str, label: str, most: int = REASONS) -> list[Reason]:
    """Reasons for a model whose weights speak of no words: how far its share falls when a piece is left out."""
    at = column(labeller.labels, label)
    pieces = _pieces(text)
    if len(pieces) < 2:
        return [Reason(text, round(float(labeller.shares([text])[0, at]), 4))]
    without = ["".join(p for j, p in enumerate(pieces) if j != i) for i in range(len(pieces))]
    shares = labeller.shares([text, *without])[:, at]
    fall = [(float(shares[0] - share), i) for i, share in enumerate(shares[1:])]
    ranked = sorted(fall, key=lambda row: (-row[0], row[1]))[:most]
    return [Reason(pieces[i].strip(), round(drop, 4)) for drop, i in ranked if drop > 0]


def _pieces(text: str, most: int = 24) -> list[str]:
    """Clauses of a long text, words of a short one; at most `most`."""
    import re

    clauses = [c for c in re.split(r"(?<=[，。！？；,.!?;\n])", text) if c.strip()]
    if len(clauses) < 4:
        import jieba

        jieba.setLogLevel(60)
        clauses = list(jieba.cut(text))
    if len(clauses) > most:
        step = -(-len(clauses) // most)
        clauses = ["".join(clauses[i : i + step]) for i in range(0, len(clauses), step)]
    return clauses
