"""Makes the table of word vectors (`routing/senses`): a small student of a sentence embedding, word by word.

The words are the commonest of jieba's dictionary, names of people and places left out. A vector is the embedding's of
the word alone, turned onto the directions that tell most words apart, less their common middle, in eight bits. A word
weighs the less the commoner it is.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agents.models.embedding import Embedding

RARE = 1e-3  # share of a word among all that halves its weight
AT_ONCE = 256
_HAN = re.compile(r"[\u4e00-\u9fa5]{1,6}")
_NAMES = frozenset(("nr", "ns", "nrt", "nrfg"))


def common_words(most: int) -> list[tuple[str, int]]:
    """The commonest words with their counts, commonest first."""
    import jieba

    found = []
    for line in Path(jieba.__file__).with_name("dict.txt").read_text(encoding="utf-8").splitlines():
        word, count, sort = (*line.split(" "), "", "")[:3]
        if _HAN.fullmatch(word) and (len(word) == 1 or sort not in _NAMES):
            found.append((word, int(count)))
    return sorted(found, key=lambda each: (-each[1], each[0]))[:most]


def make_table(
    embedding: Embedding,
    words: Sequence[tuple[str, int]],
    size: int,
    show: Callable[[int, int], None] = lambda done, whole: None,
) -> bytes:
    """The table as a file's bytes. `words` with counts; `size` numbers a word, at most as many as the embedding gives.

    Raises ValueError for fewer words than numbers.
    """
    if len(words) < size or size > embedding.size:
        raise ValueError(f"{len(words)} words and vectors of {embedding.size} give no table of {size} numbers a word")
    counts = np.array([max(1, count) for _, count in words], dtype=np.float64)
    share = counts / counts.sum()
    weight = RARE / (RARE + share)
    vectors = _vectors(embedding, [word for word, _ in words], show)
    vectors -= vectors.mean(axis=0)
    _, _, turn = np.linalg.svd(vectors, full_matrices=False)
    vectors = vectors @ turn[:size].T
    vectors -= (vectors * (weight * share)[:, None]).sum(axis=0) / (weight * share).sum()
    step = np.maximum(np.abs(vectors).max(axis=1, keepdims=True), 1e-9) / 127
    file = io.BytesIO()
    np.savez_compressed(
        file,
        words=np.frombuffer("\n".join(word for word, _ in words).encode(), dtype=np.uint8),
        rows=np.round(vectors / step).astype(np.int8),
        scales=(step[:, 0] * weight).astype(np.float32),
        costs=-np.log(share).astype(np.float32),
    )
    return file.getvalue()


def _vectors(embedding: Embedding, words: list[str], show: Callable[[int, int], None]) -> NDArray[np.float64]:
    made = []
    for start in range(0, len(words), AT_ONCE):
        made.append(embedding.passages(words[start : start + AT_ONCE]))
        show(min(len(words), start + AT_ONCE), len(words))
    return np.concatenate(made).astype(np.float64)
