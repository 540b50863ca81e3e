"""Words by their sort: near words share a group, and each is more or less like the words of names of bodies."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from routing.senses.table import Senses, senses

Numbers = NDArray[np.float32]
COARSE, FINE = 64, 256  # groups of words
TURNS = 5  # of finding the groups
STEPS = 9  # how finely likeness to the words of names is told
UNKNOWN = COARSE + FINE
PULL = 30.0  # of the weights of likeness to zero


class WordSorts:
    """What is known of each word without its line. The same table, the same sorts."""

    def __init__(self, groups: tuple[NDArray[np.int16], NDArray[np.int16]], roles: NDArray[np.int16]) -> None:
        """`groups` coarse and fine, per word of the table; `roles` words × (last of a name, before one, behind one)."""
        table = senses()
        self.groups, self.roles = groups, roles
        self._index = {word: at for at, word in enumerate(table.vocabulary)}
        self._table = table
        self.of = lru_cache(maxsize=1 << 15)(self._of)

    def cut(self, text: str) -> list[str]:
        """A text as words, nothing left out: what is in no word stands as single characters."""
        found: list[str] = []
        at = 0
        for word in self._table.words(text):
            start = text.index(word, at)
            found += text[at:start]
            found.append(word)
            at = start + len(word)
        return found + list(text[at:])

    def _of(self, word: str) -> tuple[int, ...]:
        at = self._index.get(word, -1)
        groups = [int(g[at]) + 1 if at >= 0 else UNKNOWN for g in self.groups]
        roles = [int(r) + 1 for r in self.roles[at]] if at >= 0 else [STEPS + 1] * 3
        return (hash_of(word), *groups, ord(word[0]), ord(word[-1]), *roles)


def hash_of(word: str) -> int:
    """A number of a word, above 0, the same in every process."""
    found = 7
    for letter in word:
        found = (found * 131071 + ord(letter)) & 0x3FFFFFFF
    return found + 1


def grouped(table: Senses, count: int, seed: int = 1) -> NDArray[np.int16]:
    """Words of like meaning in `count` groups: the group of each word."""
    near = _unit(table.rows)
    centres = near[np.random.default_rng(seed).choice(len(near), count, replace=False)]
    found = np.zeros(len(near), np.int64)
    for _ in range(TURNS):
        for at in range(0, len(near), 4000):
            found[at : at + 4000] = (near[at : at + 4000] @ centres.T).argmax(axis=1)
        order = np.argsort(found, kind="stable")
        own, first = np.unique(found[order], return_index=True)
        centres[own] = _unit(np.add.reduceat(near[order], first, axis=0))
    return found.astype(np.int16)


def likened(table: Senses, told: Sequence[tuple[str, tuple[bool, bool, bool]]]) -> NDArray[np.int16]:
    """How like the last word of a name, the word before and the word behind one each word is, in STEPS.

    `told`: words of lines, and which of these each is there. Learnt of meaning alone: it holds for unseen words.
    """
    near = _unit(table.rows)
    index = {word: at for at, word in enumerate(table.vocabulary)}
    known = [(index[word], is_so) for word, is_so in told if word in index]
    x = near[[at for at, _ in known]]
    y = np.array([is_so for _, is_so in known], np.float32)
    weight = np.where(y > 0, 0.5 / np.maximum(y.mean(axis=0), 1e-6), 0.5 / np.maximum(1 - y.mean(axis=0), 1e-6))
    scores = np.zeros((len(near), y.shape[1]), np.float32)
    for role in range(y.shape[1]):
        w = weight[:, role : role + 1]
        middle = (x * w).sum(axis=0) / w.sum()
        own = x - middle
        square = (own * w).T @ own + PULL * np.eye(x.shape[1], dtype=np.float32)
        scores[:, role] = (near - middle) @ np.linalg.solve(square, (own * w).T @ (y[:, role] - 0.5))
    edges = np.quantile(scores, [0.3, 0.5, 0.7, 0.8, 0.88, 0.93, 0.97, 0.99], axis=0)
    return (scores[:, None, :] > edges[None].astype(np.float32)).sum(axis=1).astype(np.int16)


def _unit(rows: Numbers) -> Numbers:
    found: Numbers = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
    return found
