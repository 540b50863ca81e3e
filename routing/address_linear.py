"""A linear chain over signs: every label of every word weighed by what stands around it. Exactly learnt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from routing.address_bio import Labelled
from routing.address_chain import Numbers, loss_gradient, padded
from routing.address_features import signs
from routing.address_lexicon import PhraseLexicon

Ids = NDArray[np.int32]


class LinearOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a linear scorer learns."""

    rounds: int = 4
    rate: float = 0.05  # first step length (AdaGrad)
    drop: float = 0.6  # share of the signs hidden at each step: no sign may be leant on alone
    decay: float = 1e-2  # pull of every weight to zero
    batch: int = 32  # addresses per step
    min_count: int = 2  # a sign seen less often says nothing
    seed: int = 12345


class LinearScorer:
    """Scores every label for every word. Deterministic: the same data and options give the same weights."""

    def __init__(
        self,
        labels: Sequence[str],
        known: dict[str, int],
        lexicon: PhraseLexicon,
        weights: Numbers,
        steps: Numbers,
        start: Numbers,
    ) -> None:
        """`weights`: signs × labels; `steps`: label before × label; `start`: label of the first word."""
        self.labels = tuple(labels)
        self.steps, self.start = steps, start
        self.known, self.lexicon, self.weights = known, lexicon, weights

    @classmethod
    def fit(
        cls,
        data: Sequence[Labelled],
        options: LinearOptions | None = None,
        tell: Callable[[str], None] = lambda said: None,
    ) -> LinearScorer:
        """Learns from labelled addresses; `tell` hears of each round."""
        options = options or LinearOptions()
        lexicon = PhraseLexicon.of(data)
        labels = tuple(sorted({label for _, own in data for label in own}))
        known, rows = _counted(data, lexicon, options.min_count)
        index = {label: at for at, label in enumerate(labels)}
        truth = [np.array([index[label] for label in own]) for _, own in data]
        size = len(labels)
        scorer = cls(
            labels,
            known,
            lexicon,
            np.zeros((len(known), size), np.float32),
            np.zeros((size, size), np.float32),
            np.zeros(size, np.float32),
        )
        steps = _Steps(scorer)
        order = np.random.default_rng(options.seed)
        for turn in range(options.rounds):
            rate = options.rate * (1 - 0.9 * turn / options.rounds)
            lost, mixed = 0.0, order.permutation(len(rows))
            for at in range(0, len(mixed), options.batch):
                chosen = mixed[at : at + options.batch]
                lost += steps.take([rows[i] for i in chosen], [truth[i] for i in chosen], rate, options, order)
            tell(f"linear, round {turn + 1} of {options.rounds}: {lost / len(rows):.3f} per address")
        return scorer

    def scores(self, addresses: Sequence[Sequence[str]]) -> Iterator[Numbers]:
        """Per address: words × labels."""
        for words in addresses:
            own = zip(signs(words), self.lexicon.signs(words), strict=True)
            rows = [[self.known[s] for s in (*near, *named) if s in self.known] for near, named in own]
            yield np.stack([self.weights[row].sum(axis=0) for row in rows]).astype(np.float32)


class _Steps:
    """Steps of AdaGrad: each weight remembers how far it was pulled."""

    def __init__(self, scorer: LinearScorer) -> None:
        self._scorer = scorer
        self._pulled = np.full(scorer.weights.shape, 1e-4, np.float32)
        self._pulled_steps = np.full(scorer.steps.shape, 1e-2, np.float32)
        self._pulled_start = np.full(scorer.start.shape, 1e-2, np.float32)

    def take(
        self,
        rows: Sequence[list[Ids]],
        truth: Sequence[NDArray[np.int64]],
        rate: float,
        options: LinearOptions,
        order: np.random.Generator,
    ) -> float:
        """One step over a few addresses; gives their loss."""
        scorer = self._scorer
        words = [row for address in rows for row in address]
        ids = np.concatenate(words)
        owner = np.repeat(np.arange(len(words)), [len(row) for row in words])
        kept = order.random(len(ids), np.float32) >= options.drop
        ids, owner, worth = ids[kept], owner[kept], np.float32(1 / (1 - options.drop))
        flat = _summed(scorer.weights[ids], owner, len(words)) * worth
        lengths = np.array([len(address) for address in rows])
        scores, mask = padded([flat], lengths)
        right = np.zeros(mask.shape, np.int64)
        right[mask] = np.concatenate(truth)
        loss, by_scores, by_steps, by_start = loss_gradient(scores, mask, right, scorer.steps, scorer.start)
        by_words = by_scores[mask] * worth
        sorting = np.argsort(ids, kind="stable")
        ids = ids[sorting]
        first = np.flatnonzero(np.r_[True, ids[1:] != ids[:-1]])
        touched = ids[first]
        pull = np.add.reduceat(by_words[owner[sorting]], first, axis=0) + options.decay * scorer.weights[touched]
        self._pulled[touched] += pull * pull
        scorer.weights[touched] -= rate * pull / np.sqrt(self._pulled[touched])
        for weights, by, pulled in (
            (scorer.steps, by_steps + options.decay * scorer.steps, self._pulled_steps),
            (scorer.start, by_start + options.decay * scorer.start, self._pulled_start),
        ):
            pulled += by * by
            weights -= np.float32(rate) * by / np.sqrt(pulled)
        return loss


def _summed(rows: Numbers, owner: NDArray[np.int64], count: int) -> Numbers:
    """Rows added up per owner (sorted); an owner without rows gets zeros."""
    total = np.zeros((count, rows.shape[1]), np.float32)
    if len(owner):
        first = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
        total[owner[first]] = np.add.reduceat(rows, first, axis=0)
    return total


def _counted(
    data: Sequence[Labelled], lexicon: PhraseLexicon, min_count: int
) -> tuple[dict[str, int], list[list[Ids]]]:
    """Signs that occur often enough, numbered, and every word's signs by number."""
    met: dict[str, int] = {}
    rows: list[list[Ids]] = []
    for words, labels in data:
        own = zip(signs(words), lexicon.signs(words, labels), strict=True)
        rows.append([np.array([met.setdefault(s, len(met)) for s in (*near, *named)], np.int32) for near, named in own])
    counts = np.bincount(np.concatenate([row for address in rows for row in address]), minlength=len(met))
    often = counts >= min_count
    renumbered = np.where(often, np.cumsum(often) - 1, -1).astype(np.int32)
    known = {sign: int(renumbered[at]) for sign, at in met.items() if often[at]}
    kept = [[new[new >= 0] for new in (renumbered[row] for row in address)] for address in rows]
    return known, kept
