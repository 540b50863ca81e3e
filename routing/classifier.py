"""Text to label by a linear model over n-grams; the only place that touches scikit-learn, and only to fit."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from routing.ngrams import ngrams

FORMAT = 1


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How a classifier counts and fits."""

    low: int = 1  # shortest n-gram, characters
    high: int = 3  # longest n-gram, characters
    sound: bool = True  # syllable n-grams too: robust to words misheard by sound
    min_count: int = 2  # texts a feature must occur in
    c: float = 0.7  # inverse strength of regularisation
    max_features: int = 400_000


class BadModel(ValueError):
    """A model folder that cannot be read; says which file and why."""


class Classifier:
    """Gives every label a margin for a text. Deterministic: the same data and options give the same model."""

    def __init__(
        self,
        labels: Sequence[str],
        vocabulary: dict[str, int],
        idf: NDArray[np.float32],
        weights: NDArray[np.float32],
        bias: NDArray[np.float32],
        options: Options,
    ) -> None:
        self.labels = tuple(labels)
        self.options = options
        self._vocabulary = vocabulary
        self._idf = idf
        self._weights = weights  # features × labels
        self._bias = bias

    @classmethod
    def fit(cls, texts: Sequence[str], labels: Sequence[str], options: Options | None = None) -> Classifier:
        """Fits from labelled texts. Raises ValueError when there is nothing to tell apart."""
        from scipy.sparse import csr_matrix
        from sklearn.svm import LinearSVC

        options = options or Options()
        names = sorted(set(labels))
        if len(names) < 2 or len(texts) != len(labels):
            raise ValueError(f"fit needs two labels or more and one label per text, got {len(names)} labels")
        counts = [ngrams(t, options.low, options.high, options.sound) for t in texts]
        spread: Counter[str] = Counter()
        for count in counts:
            spread.update(count.keys())
        kept = sorted((f for f, n in spread.items() if n >= options.min_count), key=lambda f: (-spread[f], f))
        vocabulary = {f: i for i, f in enumerate(kept[: options.max_features])}
        if not vocabulary:
            raise ValueError("no feature occurs often enough: more texts or a lower min_count")
        idf = np.array([math.log((1 + len(texts)) / (1 + spread[f])) + 1 for f in vocabulary], dtype=np.float32)
        rows = [_vector(c, vocabulary, idf) for c in counts]
        matrix = csr_matrix(
            (
                np.concatenate([v for _, v in rows]),
                np.concatenate([i for i, _ in rows]),
                np.cumsum([0, *(len(i) for i, _ in rows)]),
            ),
            shape=(len(rows), len(vocabulary)),
        )
        model = LinearSVC(C=options.c, random_state=0).fit(matrix, labels)
        weights, bias = np.asarray(model.coef_), np.asarray(model.intercept_)
        if len(names) == 2:  # one row speaks for both
            weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
        return cls(
            names, vocabulary, idf, np.ascontiguousarray(weights.T, dtype=np.float32), bias.astype(np.float32), options
        )

    def margins(self, text: str) -> NDArray[np.float32]:
        """Signed distance per label, in the order of `labels`."""
        projection, norm = self.project(text)
        return self.join([(projection, norm)])

    def project(self, text: str) -> tuple[NDArray[np.float32], float]:
        """What a text adds to each margin before its length is divided out, and its squared length.

        Parts of a growing text are projected once each and joined again and again.
        """
        count = _counted(text, self.options.low, self.options.high, self.options.sound)
        index, value = _raw(count, self._vocabulary, self._idf)
        return np.asarray(value @ self._weights[index], dtype=np.float32), float(value @ value)

    def join(self, parts: Sequence[tuple[NDArray[np.float32], float]]) -> NDArray[np.float32]:
        """Margins of the text that the projected parts make up; exact for one part."""
        length = math.sqrt(sum(n for _, n in parts))
        if not length:
            return self._bias
        return np.asarray(self._bias + sum(p for p, _ in parts) / length, dtype=np.float32)

    def top(self, text: str, n: int = 3) -> list[tuple[str, float]]:
        """The best labels with their share (softmax of the margins), best first."""
        margins = self.margins(text)
        share = shares(margins)
        return [(self.labels[i], float(share[i])) for i in np.argsort(-margins, kind="stable")[:n]]

    def save(self, folder: Path) -> None:
        """Writes `model.json` and `weights.npz`: data only, nothing that runs when read."""
        folder.mkdir(parents=True, exist_ok=True)
        head = {
            "format": FORMAT,
            "labels": self.labels,
            "options": msgspec.to_builtins(self.options),
            "vocabulary": list(self._vocabulary),
        }
        (folder / "model.json").write_text(json.dumps(head, ensure_ascii=False), encoding="utf-8")
        np.savez_compressed(folder / "weights.npz", idf=self._idf, weights=self._weights, bias=self._bias)

    @classmethod
    def load(cls, folder: Path) -> Classifier:
        """Reads what `save` wrote. Raises BadModel."""
        try:
            head = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            with np.load(folder / "weights.npz", allow_pickle=False) as arrays:
                idf, weights, bias = arrays["idf"], arrays["weights"], arrays["bias"]
            if head["format"] != FORMAT:
                raise BadModel(f"{folder / 'model.json'}: format {head['format']}, this version reads {FORMAT}")
            if weights.shape != (len(head["vocabulary"]), len(head["labels"])):
                raise BadModel(f"{folder / 'weights.npz'}: {weights.shape} does not fit the vocabulary and labels")
            options = msgspec.convert(head["options"], Options)
        except (OSError, KeyError, json.JSONDecodeError, msgspec.ValidationError) as error:
            raise BadModel(f"{folder}: no readable model: {error}") from error
        return cls(head["labels"], {f: i for i, f in enumerate(head["vocabulary"])}, idf, weights, bias, options)


def shares(margins: NDArray[np.float32], sharpness: float = 3.0) -> NDArray[np.float64]:
    """Margins as shares that add up to one."""
    raised = np.exp(sharpness * (margins - margins.max()).astype(np.float64))
    return np.asarray(raised / raised.sum())


_counted = lru_cache(maxsize=64)(ngrams)  # several models look at one text in turn; nobody changes the counts


def _raw(
    count: Counter[str], vocabulary: dict[str, int], idf: NDArray[np.float32]
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Sublinear tf-idf, sorted by feature."""
    known = sorted((at, n) for f, n in count.items() if (at := vocabulary.get(f)) is not None)
    pairs = np.array(known, dtype=np.int32).reshape(-1, 2)
    index = pairs[:, 0]
    return index, (1 + np.log(pairs[:, 1].astype(np.float32))) * idf[index]


def _vector(
    count: Counter[str], vocabulary: dict[str, int], idf: NDArray[np.float32]
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """The same, of unit length."""
    index, value = _raw(count, vocabulary, idf)
    norm = float(np.sqrt(value @ value))
    return index, value / norm if norm else value
