"""A label from n-grams and from the sentence's meaning at once: one linear model over both, no torch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from agents.models.embedding import Embedding, Vectors, open_embedding
from agents.models.vectors import unit
from routing import classifier_fit, model_folder
from routing.classifier import SHARPNESS, Options, strongest, vector, weighed
from routing.labelling import REASONS, Reason, Scores, column, softmax
from routing.model_folder import BadModel
from routing.ngrams import ngrams
from routing.scripts import simplified

MEANING = "（整句的意思）"  # how the share of the sentence vector is named among the reasons


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """How n-grams and sentence vectors are joined."""

    options: Options = Options(high=2, sound=False)
    scale: float = 0.5  # length of the sentence vector beside the n-grams' length of one


class DenseLabeller:
    """Knows a word it has seen, and a sentence whose meaning it has seen. Both Chinese scripts are read as one."""

    kind = "dense"

    def __init__(
        self,
        embedding: Embedding,
        labels: Sequence[str],
        vocabulary: dict[str, int],
        arrays: dict[str, NDArray[np.float32]],
        joined: Joined,
        sharpness: float = SHARPNESS,
        threshold: float = 0.0,
    ) -> None:
        """`arrays`: idf, middle (of the sentence vectors), words (features × labels), meaning (size × labels), bias."""
        self.labels = tuple(labels)
        self.sharpness = sharpness
        self.threshold = threshold
        self.joined = joined
        self._embedding = embedding
        self._vocabulary = vocabulary
        self._arrays = arrays

    @classmethod
    def fit(
        cls,
        embedding: Embedding,
        texts: Sequence[str],
        labels: Sequence[str],
        joined: Joined | None = None,
    ) -> DenseLabeller:
        """Fits from labelled texts. Raises ValueError when there is nothing to tell apart."""
        joined = joined or Joined()
        if len(set(labels)) < 2 or len(texts) != len(labels):
            raise ValueError(f"fit needs two labels or more and one label per text, got {len(set(labels))} labels")
        grams = [counts(text, joined.options) for text in texts]
        vocabulary, idf = weighed(grams, joined.options)
        given = meanings(embedding, texts)
        middle = given.mean(axis=0)
        dense = unit(given - middle) * np.float32(joined.scale)
        rows = [_joined(vector(c, vocabulary, idf), d, len(vocabulary)) for c, d in zip(grams, dense, strict=True)]
        matrix = classifier_fit.sparse(rows, len(vocabulary) + dense.shape[1])
        names, weights, bias = classifier_fit.margins(matrix, labels, joined.options.c, joined.options.balance)
        arrays = {
            "idf": idf, "middle": middle, "words": weights[: len(vocabulary)],
            "meaning": weights[len(vocabulary) :], "bias": bias,
        }  # fmt: skip
        return cls(embedding, names, vocabulary, arrays, joined)

    def margins(self, texts: Sequence[str]) -> Scores:
        """Signed distance per label: texts × labels."""
        found = self._dense(meanings(self._embedding, texts)) @ self._arrays["meaning"] + self._arrays["bias"]
        for row, text in enumerate(texts):
            index, value = vector(counts(text, self.joined.options), self._vocabulary, self._arrays["idf"])
            found[row] += value @ self._arrays["words"][index]
        return np.asarray(found, dtype=np.float64)

    def shares(self, texts: Sequence[str]) -> Scores:
        return softmax(self.margins(texts), self.sharpness)

    def explain(self, text: str, label: str, most: int = REASONS) -> list[Reason]:
        """N-grams by what they add to the margin, and the sentence's meaning as one piece among them."""
        at = column(self.labels, label)
        count = counts(text, self.joined.options)
        index, value = vector(count, self._vocabulary, self._arrays["idf"])
        words = {self._vocabulary[w]: w for w in count if w in self._vocabulary}
        adds = [(words[int(i)], float(v * self._arrays["words"][i, at])) for i, v in zip(index, value, strict=True)]
        meaning = float((self._dense(meanings(self._embedding, [text])) @ self._arrays["meaning"])[0, at])
        return strongest([*adds, (MEANING, meaning)], most)

    def save(self, folder: Path) -> None:
        """Writes `model.json` and `weights.npz`; the embedding is named, not copied."""
        head = {
            "labels": self.labels,
            "joined": msgspec.to_builtins(self.joined),
            "embedding": self._embedding.name,
            "sharpness": self.sharpness,
            "threshold": self.threshold,
            "vocabulary": list(self._vocabulary),
        }
        model_folder.write(folder, self.kind, head, self._arrays)

    @classmethod
    def load(cls, folder: Path, models: Path, threads: int = 1) -> DenseLabeller:
        """Reads what `save` wrote. Raises BadModel, and EmbeddingMissing where its embedding is not in `models`."""
        head, arrays = model_folder.read_head(folder), model_folder.read_arrays(folder)
        try:
            embedding = open_embedding(head["embedding"], models, threads)
            shape = (len(head["vocabulary"]), len(head["labels"]))
            if arrays["words"].shape != shape or arrays["meaning"].shape != (embedding.size, shape[1]):
                raise BadModel(f"{folder}: the numbers do not fit the vocabulary, the labels and the embedding")
            joined = msgspec.convert(head["joined"], Joined)
            words = {f: i for i, f in enumerate(head["vocabulary"])}
            return cls(embedding, head["labels"], words, arrays, joined, head["sharpness"], head["threshold"])
        except (KeyError, msgspec.ValidationError) as error:
            raise BadModel(f"{folder}: no readable model: {error}") from error

    def _dense(self, given: Vectors) -> Vectors:
        return unit(given - self._arrays["middle"]) * np.float32(self.joined.scale)


def meanings(embedding: Embedding, texts: Sequence[str]) -> Vectors:
    """What the classifier takes for the meaning of texts."""
    return embedding.passages([simplified(" ".join(text.split())) for text in texts])


def counts(text: str, options: Options) -> Counter[str]:
    """What the classifier counts in a text, of whichever script."""
    return ngrams(simplified(text), options.low, options.high, options.sound)


def _joined(words: classifier_fit.Pair, dense: NDArray[np.float32], width: int) -> classifier_fit.Pair:
    places = np.arange(width, width + len(dense), dtype=np.int32)
    return np.concatenate([words[0], places]), np.concatenate([words[1], dense])
