"""Vectors of texts that are met again and again while something is fitted: each is made once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from agents.models.embedding import Embedding, Vectors


class Remembered:
    """An embedding that keeps every vector it has given; for the length of a training, not of a service."""

    def __init__(self, embedding: Embedding) -> None:
        self.name, self.size = embedding.name, embedding.size
        self._embedding = embedding
        self._kept: tuple[dict[str, NDArray[np.float32]], dict[str, NDArray[np.float32]]] = ({}, {})

    def questions(self, texts: Sequence[str]) -> Vectors:
        return self._ask(self._kept[0], self._embedding.questions, texts)

    def passages(self, texts: Sequence[str]) -> Vectors:
        return self._ask(self._kept[1], self._embedding.passages, texts)

    def _ask(
        self, kept: dict[str, NDArray[np.float32]], make: Callable[[Sequence[str]], Vectors], texts: Sequence[str]
    ) -> Vectors:
        fresh = [text for text in dict.fromkeys(texts) if text not in kept]
        if fresh:
            kept.update(zip(fresh, make(fresh), strict=True))
        if not texts:
            return np.empty((0, self.size), dtype=np.float32)
        return np.stack([kept[text] for text in texts])
