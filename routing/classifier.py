"""Text to label by a linear model over n-grams: fast, plain numbers, and its weights say why."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from routing import classifier_fit, model_folder
from routing.labelling import REASONS, Reason, Scores, column, softmax
from routing.model_folder import BadModel
from routing.ngrams import ngrams
from routing.senses.table import senses

SHARPNESS = 3.0  # of shares, until it is learnt from rows kept back


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How a classifier counts and fits."""

    low: int = 1  # shortest n-gram, characters
    high: int = 3  # longest n-gram, characters
    sound: bool = True  # syllable n-grams too: robust to words misheard by sound
    min_count: int = 2  # texts a feature must occur in
    c: float = 0.7  # inverse strength of regularisation
    max_features: int = 400_000
    balance: float = 0.0  # 0: each row counts alike, 1: each label
    sense: float = 0.0  # how much the meaning of the words weighs beside their letters; 0 = nothing


class Classifier:
    """Gives every label a margin for a text. Deterministic: the same data and options give the same model."""

    kind = "linear"

    def __init__(
        self,
        labels: Sequence[str],
        vocabulary: dict[str, int],
        idf: NDArray[np.float32],
        weights: NDArray[np.float32],
        bias: NDArray[np.float32],
        options: Options,
        sharpness: float = SHARPNESS,
        threshold: float = 0.0,
        meaning: NDArray[np.float32] | None = None,
    ) -> None:
        self.labels = tuple(labels)
        self.options = options
        self.sharpness = sharpness  # makes shares of margins
        self.threshold = threshold  # a best share below it is no verdict; 0 = none is
        self._vocabulary = vocabulary
        self._idf = idf
        self._weights = weights  # features × labels
        self._bias = bias
        self._meaning = meaning  # size of the word vectors × labels

    @classmethod
    def fit(cls, texts: Sequence[str], labels: Sequence[str], options: Options | None = None) -> Classifier:
        """Fits from labelled texts. Raises ValueError when there is nothing to tell apart."""
        options = options or Options()
        if len(set(labels)) < 2 or len(texts) != len(labels):
            raise ValueError(f"fit needs two labels or more and one label per text, got {len(set(labels))} labels")
        vocabulary, idf, matrix = features(texts, options)
        names, weights, bias = classifier_fit.margins(matrix, labels, options.c, options.balance)
        meaning = options.sense * weights[len(vocabulary) :] if options.sense else None
        return cls(names, vocabulary, idf, weights[: len(vocabulary)], bias, options, meaning=meaning)

    def margins(self, text: str) -> NDArray[np.float32]:
        """Signed distance per label, in the order of `labels`."""
        index, value = self._counts(text)
        if not len(index):
            return self._bias
        found = self._bias + value @ self._weights[index] / math.sqrt(float(value @ value))
        if self._meaning is not None:
            sense = senses().vector(text)
            far = math.sqrt(float(sense @ sense))
            found += sense @ self._meaning / far if far else 0
        return np.asarray(found, dtype=np.float32)

    def margins_of(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The same for several texts at once: texts × labels. Cheaper for many short ones."""
        found = np.tile(self._bias, (len(texts), 1))
        rows = [self._counts(text) for text in texts]
        told = [i for i, (index, _) in enumerate(rows) if len(index)]
        if told:
            value = np.concatenate([rows[i][1] for i in told])
            starts = np.cumsum([0, *(len(rows[i][0]) for i in told[:-1])])
            adds = self._weights[np.concatenate([rows[i][0] for i in told])] * value[:, None]
            found[told] += np.add.reduceat(adds, starts) / np.sqrt(np.add.reduceat(value * value, starts))[:, None]
        if self._meaning is not None and told:
            found[told] += directions([texts[i] for i in told]) @ self._meaning
        return np.asarray(found, dtype=np.float32)

    def project(self, text: str) -> tuple[NDArray[np.float32], float]:
        """What a text adds to each margin before its length is divided out, and its squared length.

        Parts of a growing text are projected once each and joined again and again; a part that weighs `w` has its
        projection times `w` and its length times `w` squared. Where meaning counts, what the words' vectors add to each
        margin and the vector itself follow in the same row.
        """
        index, value = self._counts(text)
        adds = np.asarray(value @ self._weights[index], dtype=np.float32)
        if self._meaning is not None:
            sense = senses().vector(text)
            adds = np.concatenate((adds, sense @ self._meaning, sense))
        return adds, float(value @ value)

    def _counts(self, text: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        count = _counted(text, self.options.low, self.options.high, self.options.sound)
        return _raw(count, self._vocabulary, self._idf)

    def join(self, parts: Sequence[tuple[NDArray[np.float32], float]]) -> NDArray[np.float32]:
        """Margins of the text that the projected parts make up; exact for one part."""
        length = math.sqrt(sum(n for _, n in parts))
        if not length:
            return self._bias
        whole, n = np.sum([p for p, _ in parts], axis=0), len(self.labels)
        margins = self._bias + whole[:n] / length
        if self._meaning is not None and (far := float(np.linalg.norm(whole[2 * n :]))):
            margins += whole[n : 2 * n] / far
        return np.asarray(margins, dtype=np.float32)

    def top(self, text: str, n: int = 3) -> list[tuple[str, float]]:
        """The best labels with their share (softmax of the margins), best first."""
        margins = self.margins(text)
        share = shares(margins)
        return [(self.labels[i], float(share[i])) for i in np.argsort(-margins, kind="stable")[:n]]

    def shares(self, texts: Sequence[str]) -> Scores:
        """A share per label for each text: texts × labels."""
        return softmax(np.stack([self.margins(text) for text in texts]), self.sharpness)

    def explain(self, text: str, label: str, most: int = REASONS) -> list[Reason]:
        """The n-grams that add most to the margin of the label; one that lies within a stronger one is left out."""
        at = column(self.labels, label)
        count = _counted(text, self.options.low, self.options.high, self.options.sound)
        index, value = _raw(count, self._vocabulary, self._idf)
        adds = value * self._weights[index, at] / (math.sqrt(float(value @ value)) or 1.0)
        words = {self._vocabulary[w]: w for w in count if w in self._vocabulary}
        return strongest([(words[int(i)], float(a)) for i, a in zip(index, adds, strict=True)], most)

    def save(self, folder: Path, small: bool = True) -> None:
        """Writes `model.json` and `weights.npz`: data only, nothing that runs when read. `small`: packed, slower."""
        head = {
            "labels": self.labels,
            "options": msgspec.to_builtins(self.options),
            "sharpness": self.sharpness,
            "threshold": self.threshold,
            "vocabulary": list(self._vocabulary),
        }
        arrays = {"idf": self._idf, "weights": self._weights, "bias": self._bias}
        if self._meaning is not None:
            head["senses"], arrays["meaning"] = senses().digest, self._meaning
        model_folder.write(folder, self.kind, head, arrays, small=small)

    @classmethod
    def load(cls, folder: Path) -> Classifier:
        """Reads what `save` wrote, now or in an earlier version. Raises BadModel."""
        head, arrays = model_folder.read_head(folder), model_folder.read_arrays(folder)
        if head["kind"] != cls.kind:
            raise BadModel(f"{folder}: a model of kind {head['kind']}, not {cls.kind}")
        try:
            idf, weights, bias = arrays["idf"], arrays["weights"], arrays["bias"]
            if weights.shape != (len(head["vocabulary"]), len(head["labels"])):
                raise BadModel(f"{folder / 'weights.npz'}: {weights.shape} does not fit the vocabulary and labels")
            options = msgspec.convert(head["options"], Options)
            meaning = arrays["meaning"] if options.sense else None
            if meaning is not None and (head["senses"], meaning.shape[1:]) != (senses().digest, weights.shape[1:]):
                raise BadModel(f"{folder}: fitted with another table of word vectors: train again")
        except (KeyError, msgspec.ValidationError) as error:
            raise BadModel(f"{folder}: no readable model: {error}") from error
        words = {f: i for i, f in enumerate(head["vocabulary"])}
        sharpness, threshold = head.get("sharpness", SHARPNESS), head.get("threshold", 0.0)
        return cls(head["labels"], words, idf, weights, bias, options, sharpness, threshold, meaning)


def shares(margins: NDArray[np.float32], sharpness: float = SHARPNESS) -> NDArray[np.float64]:
    """Margins as shares that add up to one."""
    return softmax(margins, sharpness)


def strongest(adds: Sequence[tuple[str, float]], most: int) -> list[Reason]:
    """The pieces that add most; those that lie in one another are told as the longest of them, with all they add."""
    found: list[list[tuple[str, float]]] = []
    for words, add in sorted(adds, key=lambda a: (-a[1], a[0])):
        if add <= 0:
            break
        for group in found:
            if any(words in kept or kept in words for kept, _ in group):
                group.append((words, add))
                break
        else:
            found.append([(words, add)])
    told = [Reason(max((w for w, _ in group), key=len), round(sum(a for _, a in group), 4)) for group in found]
    return sorted(told, key=lambda reason: (-reason.weight, reason.words))[:most]


def weighed(counts: Sequence[Counter[str]], options: Options) -> tuple[dict[str, int], NDArray[np.float32]]:
    """The features that occur often enough, commonest first, and how much each tells. Raises ValueError without any."""
    spread: Counter[str] = Counter()
    for count in counts:
        spread.update(count.keys())
    kept = sorted((f for f, n in spread.items() if n >= options.min_count), key=lambda f: (-spread[f], f))
    vocabulary = {f: i for i, f in enumerate(kept[: options.max_features])}
    if not vocabulary:
        raise ValueError("no feature occurs often enough: more texts or a lower min_count")
    return vocabulary, np.array([math.log((1 + len(counts)) / (1 + spread[f])) + 1 for f in vocabulary], np.float32)


def features(texts: Sequence[str], options: Options) -> tuple[dict[str, int], NDArray[np.float32], Any]:
    """What is learnt from: the n-grams that count, how much each tells, and texts × (n-grams, then meaning).

    Raises ValueError where no n-gram occurs often enough.
    """
    counts = [ngrams(t, options.low, options.high, options.sound) for t in texts]
    vocabulary, idf = weighed(counts, options)
    matrix = classifier_fit.sparse([vector(c, vocabulary, idf) for c in counts], len(vocabulary))
    if options.sense:
        matrix = classifier_fit.beside(matrix, options.sense * directions(texts))
    return vocabulary, idf, matrix


def directions(texts: Sequence[str]) -> NDArray[np.float32]:
    """Where the words of each text point: texts × size, of length one or zero."""
    rows = np.stack([senses().vector(text) for text in texts])
    far = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(far > 0, far, 1.0), dtype=np.float32)


MOST = 1000  # an n-gram oftener in a text tells no more
_TELLING = np.concatenate(([0.0], 1 + np.log(np.arange(1, MOST + 1)))).astype(np.float32)
_counted = lru_cache(maxsize=64)(ngrams)  # several models look at one text in turn; nobody changes the counts


def _raw(
    count: Counter[str], vocabulary: dict[str, int], idf: NDArray[np.float32]
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Sublinear tf-idf."""
    at = list(map(vocabulary.get, count))
    known = [i for i in at if i is not None]
    index = np.array(known, dtype=np.int32)
    often = [n for i, n in zip(at, count.values(), strict=True) if i is not None]
    return index, _TELLING[np.minimum(often, MOST)] * idf[index] if often else np.zeros(0, np.float32)


def vector(
    count: Counter[str], vocabulary: dict[str, int], idf: NDArray[np.float32]
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """The same, of unit length."""
    index, value = _raw(count, vocabulary, idf)
    norm = float(np.sqrt(value @ value))
    return index, value / norm if norm else value
