"""A table of common words with a vector each, and a text as the weighted sum of its words: microseconds, no network.

The table is a student: `agents/models/senses_making.py` asks a sentence embedding for each word once and keeps the
answers small. It knows words alone, neither their order nor a negation.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

TABLE = "words.npz"
UNKNOWN = 5.0  # what a character without a word costs over the dearest word
KEPT = 64  # texts whose vectors are remembered: several models look at one text in turn


class BadTable(ValueError):
    """A table that cannot be read; says why."""


class Senses:
    """Cuts a text into the likeliest words it knows and adds their vectors. The same text, the same vector."""

    def __init__(self, data: bytes) -> None:
        """Raises BadTable."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                words = arrays["words"].tobytes().decode("utf-8").split("\n")
                self._rows, scales, costs = arrays["rows"], arrays["scales"], arrays["costs"]
        except (ValueError, KeyError, EOFError, OSError, zipfile.BadZipFile) as error:
            raise BadTable(f"no readable table of words: {error}") from error
        if not (len(words) == len(self._rows) == len(scales) == len(costs)) or self._rows.ndim != 2:
            raise BadTable(f"{len(words)} words, {len(self._rows)} vectors, {len(scales)} scales, {len(costs)} costs")
        self.digest = hashlib.sha256(data).hexdigest()
        self.size = int(self._rows.shape[1])
        self._scales = scales.astype(np.float32)
        self._known = {word: (i, float(costs[i])) for i, word in enumerate(words)}
        self._reach: dict[str, int] = {}  # first character → length of the longest word it begins
        for word in words:
            self._reach[word[0]] = max(self._reach.get(word[0], 1), len(word))
        self._dearest = float(costs.max()) + UNKNOWN
        self.vector = lru_cache(maxsize=KEPT)(self._vector)

    @property
    def vocabulary(self) -> tuple[str, ...]:
        """All words that have a vector."""
        return tuple(self._known)

    @property
    def rows(self) -> NDArray[np.float32]:
        """Their vectors, in the same order, each on a scale of its own."""
        return self._rows.astype(np.float32)

    def words(self, text: str) -> list[str]:
        """The words of a text that have a vector, in order; of all ways to cut it the one of the commonest words."""
        return [text[start:end] for start, end in self._cut(text)]

    def _vector(self, text: str) -> NDArray[np.float32]:
        """The sum of a text's words, rare ones counting more: size numbers, zeros for a text without any. Read only."""
        at = [self._known[text[start:end]][0] for start, end in self._cut(text)]
        found: NDArray[np.float32] = (
            np.asarray(self._scales[at] @ self._rows[at], dtype=np.float32) if at else np.zeros(self.size, np.float32)
        )
        found.setflags(write=False)
        return found

    def _cut(self, text: str) -> list[tuple[int, int]]:
        known, reach, n = self._known, self._reach, len(text)
        best = [0.0] + [np.inf] * n
        back = [0] * (n + 1)
        for start in range(n):
            here = best[start]
            if here + self._dearest < best[start + 1]:
                best[start + 1], back[start + 1] = here + self._dearest, start
            for end in range(start + 1, min(n, start + reach.get(text[start], 0)) + 1):
                found = known.get(text[start:end])
                if found is not None and here + found[1] < best[end]:
                    best[end], back[end] = here + found[1], start
        spans = []
        while n:
            if text[back[n] : n] in known:
                spans.append((back[n], n))
            n = back[n]
        return spans[::-1]


@lru_cache(maxsize=1)
def senses() -> Senses:
    """The table that comes with the package."""
    return Senses(files(__package__).joinpath(TABLE).read_bytes())
