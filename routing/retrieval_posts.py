"""Search for answers, the index: which texts a gram stands in and how much that says, as arrays."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float64]
_Post = tuple[NDArray[np.int32], NDArray[np.float32]]


class Posts:
    """BM25 over counted grams of texts. Deterministic; a gram no text has adds nothing."""

    def __init__(self, counts: Sequence[Mapping[str, int]], k1: float, b: float) -> None:
        self.size = len(counts)
        length = np.array([sum(count.values()) for count in counts], dtype=np.float32)
        norm = k1 * (1 - b + b * length / max(1.0, float(length.mean()) if self.size else 1.0))
        found: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for text, count in enumerate(counts):
            for gram, times in count.items():
                found[gram].append((text, times))
        self.idf: dict[str, float] = {}
        self._posts: dict[str, _Post] = {}
        for gram, post in found.items():
            idf = self.idf[gram] = math.log(1 + (self.size - len(post) + 0.5) / (len(post) + 0.5))
            at = np.array([text for text, _ in post], dtype=np.int32)
            times_ = np.array([times for _, times in post], dtype=np.float32)
            self._posts[gram] = at, (idf * times_ * (k1 + 1) / (times_ + norm[at])).astype(np.float32)

    def bm25(self, wanted: Mapping[str, float]) -> Scores:
        """Score of every text for weighted grams."""
        return self._sum([(*self._posts[gram], weight) for gram, weight in wanted.items() if gram in self._posts])

    def told(self, wanted: Mapping[str, float]) -> Scores:
        """Weight of the wanted grams each text has at all."""
        posts = [(self._posts[gram][0], weight) for gram, weight in wanted.items() if gram in self._posts]
        return self._sum([(at, np.ones(len(at), dtype=np.float32), weight) for at, weight in posts])

    def _sum(self, told: list[tuple[NDArray[np.int32], NDArray[np.float32], float]]) -> Scores:
        if not told:
            return np.zeros(self.size)
        at = np.concatenate([where for where, _, _ in told])
        worth = np.concatenate([scores for _, scores, _ in told]).astype(np.float64)
        worth *= np.repeat([w for _, _, w in told], [len(a) for a, _, _ in told])
        return np.asarray(np.bincount(at, worth, self.size), dtype=np.float64)
