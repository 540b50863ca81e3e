"""Parts of a written address (city, district, road, …), learnt from labelled ones: a structured perceptron."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Labelled = tuple[str, tuple[str, ...]]  # characters and one BIO label for each
EDGE = "\x00"
MIN_COUNT = 2  # a feature seen less often says nothing


class BadAddresses(ValueError):
    """A label file that can't be read; says which line and why."""


def read_bio(path: Path) -> list[Labelled]:
    """Addresses of a BIO file: `character label` per line, an empty line between addresses."""
    found: list[Labelled] = []
    chars: list[str] = []
    labels: list[str] = []
    for number, line in enumerate([*path.read_text(encoding="utf-8").splitlines(), ""], start=1):
        parts = line.split()
        if not parts:
            if chars:
                found.append(("".join(chars), tuple(labels)))
            chars, labels = [], []
        elif len(parts) == 2 and len(parts[0]) == 1:
            chars.append(parts[0])
            labels.append(parts[1])
        else:
            raise BadAddresses(f"{path}, line {number}: not `character label`: {line[:40]!r}")
    if not found:
        raise BadAddresses(f"{path}: no addresses")
    return found


def phrases(labels: Sequence[str]) -> set[tuple[int, int, str]]:
    """(start, end, kind) of every labelled phrase; an I without its B begins one."""
    found: set[tuple[int, int, str]] = set()
    start, kind = 0, ""
    for at, label in enumerate([*labels, "O"]):
        mark, _, name = label.partition("-")
        if kind and (mark != "I" or name != kind):
            found.add((start, at, kind))
            kind = ""
        if mark in ("B", "I") and not kind:
            start, kind = at, name
    return found


class AddressTagger:
    """Labels each character of an address; averaged weights, best path over label pairs. Deterministic."""

    def __init__(self, labels: Sequence[str], features: dict[str, int]) -> None:
        self._labels = list(labels)
        self._features = features
        self._weights: NDArray[np.float32] = np.zeros((len(features) + 1, len(self._labels)), np.float32)
        self._steps: NDArray[np.float32] = np.zeros((len(self._labels) + 1, len(self._labels)), np.float32)

    @classmethod
    def fit(cls, data: Sequence[Labelled], rounds: int = 8, seed: int = 12345) -> AddressTagger:
        """Learns from labelled addresses; the same data and seed give the same tagger."""
        counts = Counter(name for text, _ in data for at in range(len(text)) for name in _names(text, at))
        known = {name: n for n, name in enumerate(sorted(name for name, count in counts.items() if count >= MIN_COUNT))}
        tagger = cls(sorted({label for _, labels in data for label in labels}), known)
        index = {label: n for n, label in enumerate(tagger._labels)}
        rows = [(tagger._rows(text), np.array([index[label] for label in labels])) for text, labels in data]
        sums, step_sums = np.zeros_like(tagger._weights), np.zeros_like(tagger._steps)
        order, time = np.random.default_rng(seed), 1
        for _ in range(rounds):
            for n in order.permutation(len(rows)):
                features, truth = rows[n]
                guess = tagger._path(features)
                if not np.array_equal(guess, truth):
                    tagger._learn(features, truth, guess, time, sums, step_sums)
                time += 1
        tagger._weights -= sums / time
        tagger._steps -= step_sums / time
        return tagger

    def label(self, text: str) -> tuple[str, ...]:
        """One label per character."""
        return tuple(self._labels[n] for n in self._path(self._rows(text))) if text else ()

    def _rows(self, text: str) -> list[NDArray[np.int64]]:
        unknown = len(self._features)
        return [
            np.array([self._features.get(name, unknown) for name in _names(text, at)], np.int64)
            for at in range(len(text))
        ]

    def _path(self, rows: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
        scores = np.stack([self._weights[row].sum(axis=0) for row in rows])
        best = scores[0] + self._steps[-1]
        back = np.zeros(scores.shape, np.int64)
        for at in range(1, len(rows)):
            through = best[:, None] + self._steps[:-1]
            back[at] = through.argmax(axis=0)
            best = through.max(axis=0) + scores[at]
        path = np.empty(len(rows), np.int64)
        path[-1] = best.argmax()
        for at in range(len(rows) - 1, 0, -1):
            path[at - 1] = back[at, path[at]]
        return path

    def _learn(
        self,
        rows: Sequence[NDArray[np.int64]],
        truth: NDArray[np.int64],
        guess: NDArray[np.int64],
        time: int,
        sums: NDArray[np.float32],
        step_sums: NDArray[np.float32],
    ) -> None:
        before_truth, before_guess = -1, -1
        for row, right, wrong in zip(rows, truth, guess, strict=True):
            if right != wrong:
                kept = row[row < len(self._features)]
                for label, sign in ((right, 1.0), (wrong, -1.0)):
                    np.add.at(self._weights, (kept, label), sign)
                    np.add.at(sums, (kept, label), sign * time)
            if (right, before_truth) != (wrong, before_guess):
                for before, label, sign in ((before_truth, right, 1.0), (before_guess, wrong, -1.0)):
                    self._steps[before, label] += sign
                    step_sums[before, label] += sign * time
            before_truth, before_guess = int(right), int(wrong)


def _names(text: str, at: int) -> Iterator[str]:
    """What a character and its neighbourhood look like."""

    def char(offset: int) -> str:
        place = at + offset
        return text[place] if 0 <= place < len(text) else EDGE

    window = [char(offset) for offset in range(-3, 4)]
    for offset in range(7):
        yield f"c{offset}{window[offset]}"
    for offset in range(1, 5):
        yield f"b{offset}{window[offset]}{window[offset + 1]}"
    for offset in range(5):
        yield f"t{offset}{window[offset]}{window[offset + 1]}{window[offset + 2]}"
    yield "k" + "".join(_kind(one) for one in window[2:5])
    yield f"p{min(at, 3)}{_kind(window[3])}"


def _kind(char: str) -> str:
    return "d" if char.isdigit() else "a" if char.isascii() and char.isalpha() else "e" if char == EDGE else "h"
