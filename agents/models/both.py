"""Sentences as vectors by two embeddings at once: what one takes for alike and the other does not, is half alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from agents.models.embedding import BOTH, Embedding, Vectors
from agents.models.vectors import unit


class BothEmbeddings:
    """Two vectors end to end; costs what both cost."""

    name = BOTH

    def __init__(self, one: Embedding, other: Embedding) -> None:
        self.size = one.size + other.size
        self._parts = (one, other)

    def questions(self, texts: Sequence[str]) -> Vectors:
        return _joined([part.questions for part in self._parts], texts)

    def passages(self, texts: Sequence[str]) -> Vectors:
        return _joined([part.passages for part in self._parts], texts)


def _joined(parts: Sequence[Callable[[Sequence[str]], Vectors]], texts: Sequence[str]) -> Vectors:
    return unit(np.hstack([make(texts) for make in parts]))
