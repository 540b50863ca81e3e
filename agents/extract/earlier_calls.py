"""A second ear for earlier calls: learns from lessons how callers tell that the hotline knows of their matter."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from agents.extract import learnt
from agents.extract.learnt import over_all_but, plain, story_lines, together
from agents.lessons import Again, lessons
from routing.classifier import Classifier, Options
from routing.fitted import Shelf, source_of
from routing.held_out import unseen_margins

OPTIONS = Options(high=2, min_count=2, balance=1.0, c=0.3, sense=0.4)
FALSE_SHARE = 0.004  # of lines that tell their matter may sound like an earlier call
AGAIN, NEW = "again", "new"
LEAST = 4  # characters from which on a line is judged


class EarlierCalls:
    """Says how far a line sounds like an earlier call. Deterministic: the same lessons give the same ear."""

    def __init__(self, model: Classifier, threshold: float) -> None:
        self.threshold = threshold  # margin over which a line tells of an earlier call
        self._model = model
        self._column = model.labels.index(AGAIN)

    @classmethod
    def fit(cls, told: Sequence[Again], story: Sequence[str], shelf: Shelf | None = None) -> EarlierCalls:
        """Learns from lessons and from `story`, lines that tell of none; few of these pass the threshold."""
        shelf = shelf or Shelf()
        texts = [plain(one.text) for one in told] + [plain(text) for text in story]
        labels = [AGAIN if one.again else NEW for one in told] + [NEW] * len(story)

        def limits() -> dict[str, float]:
            names, margins = unseen_margins(texts, labels, together(len(texts)), OPTIONS)
            return {"threshold": over_all_but(margins[len(told) :, names.index(AGAIN)], FALSE_SHARE)}

        found = shelf.numbers("earlier-calls-limits", (texts, labels, source_of(sys.modules[__name__], learnt)), limits)
        return cls(shelf.classifier("earlier-calls", texts, labels, OPTIONS), **found)

    @classmethod
    def taught(cls, shelf: Shelf | None = None) -> EarlierCalls:
        """As the lessons of the house teach it."""
        told = again_lessons()
        return cls.fit(told, story_lines([one.text for one in told if one.again]), shelf)

    def over(self, text: str) -> float:
        """How far over the threshold a line is, in the model's own unit; below it, less than 0."""
        if len(text) < LEAST:
            return -self.threshold - 1.0
        return float(self._model.margins(plain(text))[self._column]) - self.threshold


def again_lessons() -> list[Again]:
    """Told at length, and in the plain words of most calls."""
    return [*lessons("again", Again), *lessons("again_plain", Again)]
