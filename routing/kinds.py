"""Which kind of matter a caller's words sound like: a linear model over the tellings of the city's pack."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from routing.classifier import Classifier, Options
from routing.fitted import Shelf
from schemas.catalogue import Telling

OPTIONS = Options(low=1, high=2, sound=True, min_count=2, c=0.1, balance=1.0, sense=0.4)


class Tone(NamedTuple):
    """What one utterance adds; worked out once, joined with the others again and again."""

    projection: NDArray[np.float32]
    length: float


class Kinds:
    """Knows how each kind of matter is told. Leans to no kind when it has heard nothing."""

    def __init__(self, model: Classifier) -> None:
        self._model = model

    @classmethod
    def fit(
        cls, tellings: Sequence[Telling], shelf: Shelf | None = None, more: Sequence[tuple[str, str]] = ()
    ) -> Kinds | None:
        """Learns from a pack's tellings and `more` with their kinds; None when the pack's show fewer than two kinds."""
        if len({t.kind for t in tellings}) < 2:
            return None
        told = [*((t.text, t.kind) for t in tellings), *more]
        texts, labels = [text for text, _ in told], [kind for _, kind in told]
        return cls((shelf or Shelf()).classifier("kind", texts, labels, OPTIONS))

    def read(self, text: str) -> Tone:
        """What one utterance says."""
        return Tone(*self._model.project(text))

    def scores(self, heard: Sequence[tuple[Tone, float]]) -> dict[str, float]:
        """How far utterances, each with its weight, speak for every kind: 0 is the average of all kinds."""
        if not any(tone.length for tone, _ in heard):
            return {}
        margins = self._model.join([(t.projection * w, t.length * w * w) for t, w in heard])
        return {k: float(m) for k, m in zip(self._model.labels, margins - margins.mean(), strict=True)}
