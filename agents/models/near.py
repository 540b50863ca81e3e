"""A label from n-grams and from the past tickets that mean nearly the same: ridge regression over both likenesses."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from agents.models.dense import counts, meanings
from agents.models.embedding import BOTH, Embedding, Vectors, open_embedding
from agents.models.vectors import unit
from routing import classifier_fit, model_folder
from routing.classifier import Options, strongest, vector, weighed
from routing.labelling import REASONS, Judged, Reason, Scores, column, softmax
from routing.model_folder import BadModel

ALIKE = "（意思相近的往例）"  # how the share of past tickets is named among the reasons
MOST_ROWS = 12_000  # likenesses of all pairs are kept while fitting: four bytes each
STIFFNESSES = (0.3, 0.5, 0.8)  # tried; each judged by every row left out in turn


class Likeness(msgspec.Struct, frozen=True, kw_only=True):
    """How texts are compared."""

    options: Options = Options(high=2, sound=False)
    narrow: float = 2.0  # how fast likeness falls with distance of meaning
    share: float = 1.0  # of meaning beside the n-grams' likeness


SHORT = Likeness(options=Options(high=3, sound=False), narrow=1.5, share=2.0)  # for what `BOTH` reads


class NearLabeller:
    """Keeps the vectors of all rows it was fitted on (no words of theirs but its vocabulary)."""

    kind = "near"

    def __init__(
        self,
        embedding: Embedding,
        labels: Sequence[str],
        vocabulary: dict[str, int],
        arrays: dict[str, NDArray[np.float32]],
        likeness: Likeness,
        sharpness: float = 3.0,
        threshold: float = 0.0,
    ) -> None:
        """`arrays`: idf, middle, words (features × labels), rows (vectors), pull (rows × labels), bias."""
        self.labels = tuple(labels)
        self.sharpness = sharpness
        self.threshold = threshold
        self._likeness = likeness
        self._embedding = embedding
        self._vocabulary = vocabulary
        self._arrays = arrays

    @classmethod
    def fit(
        cls, embedding: Embedding, texts: Sequence[str], labels: Sequence[str], likeness: Likeness | None = None
    ) -> tuple[NearLabeller, Judged]:
        """The model, and every row judged by the model without it. Raises ValueError: one label, or too many rows."""
        likeness = likeness or (SHORT if embedding.name == BOTH else Likeness())
        names = sorted(set(labels))
        if len(names) < 2 or len(texts) != len(labels) or len(texts) > MOST_ROWS:
            raise ValueError(f"fit needs two labels or more, one per text, and at most {MOST_ROWS} texts")
        grams = [counts(text, likeness.options) for text in texts]
        vocabulary, idf = weighed(grams, likeness.options)
        matrix = classifier_fit.sparse([vector(g, vocabulary, idf) for g in grams], len(vocabulary))
        given = meanings(embedding, texts)
        middle = given.mean(axis=0)
        rows = unit(given - middle)
        alike = (matrix @ matrix.T).toarray().astype(np.float32) + _alike(rows, rows, likeness) + np.float32(1)
        goal = np.array([[1.0 if label == name else -1.0 for name in names] for label in labels], dtype=np.float32)
        pull, left_out = _stiffest(alike, goal)
        arrays = {
            "idf": idf, "middle": middle, "words": np.asarray(matrix.T @ pull, dtype=np.float32),
            "rows": rows, "pull": pull, "bias": pull.sum(axis=0),
        }  # fmt: skip
        judged = Judged(list(labels), tuple(names), left_out.astype(np.float64))
        return cls(embedding, names, vocabulary, arrays, likeness), judged

    def margins(self, texts: Sequence[str]) -> Scores:
        """About +1 for the label, -1 for the others: texts × labels."""
        found = self._near(texts) @ self._arrays["pull"] + self._arrays["bias"]
        for row, text in enumerate(texts):
            index, value = vector(counts(text, self._likeness.options), self._vocabulary, self._arrays["idf"])
            found[row] += value @ self._arrays["words"][index]
        return np.asarray(found, dtype=np.float64)

    def shares(self, texts: Sequence[str]) -> Scores:
        return softmax(self.margins(texts), self.sharpness)

    def explain(self, text: str, label: str, most: int = REASONS) -> list[Reason]:
        """N-grams by what they add to the margin, and the past tickets of like meaning as one piece among them."""
        at = column(self.labels, label)
        count = counts(text, self._likeness.options)
        index, value = vector(count, self._vocabulary, self._arrays["idf"])
        words = {self._vocabulary[w]: w for w in count if w in self._vocabulary}
        adds = [(words[int(i)], float(v * self._arrays["words"][i, at])) for i, v in zip(index, value, strict=True)]
        return strongest([*adds, (ALIKE, float(self._near([text])[0] @ self._arrays["pull"][:, at]))], most)

    def save(self, folder: Path) -> None:
        """Writes `model.json` and `weights.npz`; the embedding is named, not copied."""
        head = {
            "labels": self.labels,
            "likeness": msgspec.to_builtins(self._likeness),
            "embedding": self._embedding.name,
            "sharpness": self.sharpness,
            "threshold": self.threshold,
            "vocabulary": list(self._vocabulary),
        }
        model_folder.write(folder, self.kind, head, self._arrays)

    @classmethod
    def load(cls, folder: Path, models: Path, threads: int = 1) -> NearLabeller:
        """Reads what `save` wrote. Raises BadModel, and EmbeddingMissing where its embedding is not in `models`."""
        head, arrays = model_folder.read_head(folder), model_folder.read_arrays(folder)
        try:
            embedding = open_embedding(head["embedding"], models, threads)
            shape = (len(head["vocabulary"]), len(head["labels"]))
            if arrays["words"].shape != shape or arrays["rows"].shape != (len(arrays["pull"]), embedding.size):
                raise BadModel(f"{folder}: the numbers do not fit the vocabulary, the labels and the embedding")
            likeness = msgspec.convert(head["likeness"], Likeness)
            words = {f: i for i, f in enumerate(head["vocabulary"])}
            return cls(embedding, head["labels"], words, arrays, likeness, head["sharpness"], head["threshold"])
        except (KeyError, msgspec.ValidationError) as error:
            raise BadModel(f"{folder}: no readable model: {error}") from error

    def _near(self, texts: Sequence[str]) -> Vectors:
        given = unit(meanings(self._embedding, texts) - self._arrays["middle"])
        return _alike(given, self._arrays["rows"], self._likeness)


def _alike(some: Vectors, others: Vectors, likeness: Likeness) -> Vectors:
    """One for the same meaning, falling with distance: some × others."""
    return np.asarray(likeness.share * np.exp(likeness.narrow * (some @ others.T - 1)), dtype=np.float32)


def _stiffest(alike: Vectors, goal: Vectors) -> tuple[Vectors, Vectors]:
    """The pull of each row, and what each row gets from the others alone, of the stiffness that judges most right.

    What a row gets when it is left out follows from the inverse; nothing is fitted again.
    """
    from scipy.linalg import lapack

    best = -1
    for stiffness in STIFFNESSES:
        whole = alike.copy()
        whole[np.diag_indices(len(whole))] += np.float32(stiffness)
        half, wrong = lapack.spotrf(whole, lower=1, overwrite_a=1)
        half, failed = lapack.spotri(half, lower=1, overwrite_c=1) if not wrong else (half, wrong)
        if wrong or failed:
            raise ValueError("the rows cannot be told apart by their likeness")
        inverse = np.tril(half) + np.tril(half, -1).T
        now = np.asarray(inverse @ goal, dtype=np.float32)
        out = np.asarray(goal - now / np.diag(inverse)[:, None], dtype=np.float32)
        right = int((out.argmax(axis=1) == goal.argmax(axis=1)).sum())
        if right > best:
            best, pull, left_out = right, now, out
    return pull, left_out
