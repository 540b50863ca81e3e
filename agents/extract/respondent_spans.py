"""Which words of a line name the body complained of: every span weighed against all others and against none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from agents.extract.respondent_signs import BITS, Signs

Numbers = NDArray[np.float32]
Ids = NDArray[np.int64]
START, INSIDE, END = range(3)


class SpanOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How the spans' weights are learnt."""

    rounds: int = 6
    rate: float = 0.1  # first step length (AdaGrad)
    drop: float = 0.5  # share of the signs hidden at each step: no sign may be leant on alone
    decay: float = 3e-2  # pull of every weight to zero
    batch: int = 32  # lines per step
    min_count: int = 2  # a sign seen in fewer places says nothing
    seed: int = 12345


class Spans:
    """Scores the spans of a line: over 0 likelier than that the line names none. The same lessons, the same scores."""

    def __init__(self, words: Numbers, whole: Numbers, none: float) -> None:
        """`words`: signs × (where a name starts, inside, where it ends); `whole`: of whole spans; `none` of no name."""
        self.words, self.whole, self.none = words, whole, none

    @classmethod
    def fit(
        cls,
        lines: Sequence[Signs],
        names: Sequence[NDArray[np.bool_]],
        options: SpanOptions | None = None,
    ) -> Spans:
        """Learns from lines, and which of their spans name the body (none, one or more)."""
        own = options or SpanOptions()
        steps = _Steps(lines, own)
        order = np.random.default_rng(own.seed)
        for turn in range(own.rounds):
            rate = np.float32(own.rate * (1 - 0.9 * turn / own.rounds))
            mixed = order.permutation(len(lines))
            for at in range(0, len(mixed), own.batch):
                chosen = mixed[at : at + own.batch]
                steps.take([lines[i] for i in chosen], np.concatenate([names[i] for i in chosen]), rate, order)
        return cls(steps.words, steps.whole[:, 0], float(steps.none))

    def scores(self, line: Signs) -> NDArray[np.float64]:
        """Per span of the line."""
        near = self.words[line.words].sum(axis=1, dtype=np.float64)
        passed = np.concatenate([np.zeros(1), np.cumsum(near[:, INSIDE])])
        own: NDArray[np.float64] = (
            near[line.start, START]
            + near[line.end - 1, END]
            + passed[line.end]
            - passed[line.start]
            + self.whole[line.whole].sum(axis=1, dtype=np.float64)
            - self.none
        )
        return own

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {"words": self.words, "whole": self.whole, "none": np.array([self.none])}

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> Spans:
        return cls(arrays["words"], arrays["whole"], float(arrays["none"][0]))


class _Steps:
    """Steps of AdaGrad: each weight remembers how far it was pulled."""

    def __init__(self, lines: Sequence[Signs], options: SpanOptions) -> None:
        self._options = options
        size = 1 << BITS
        self.words, self.whole, self.none = (
            np.zeros((size, 3), np.float32),
            np.zeros((size, 1), np.float32),
            np.float32(4),
        )
        self._pulled_words = np.full(self.words.shape, 1e-4, np.float32)
        self._pulled_whole = np.full(self.whole.shape, 1e-4, np.float32)
        self._pulled_none = 1e-2
        near = np.bincount(np.concatenate([line.words.ravel() for line in lines]), minlength=size)
        own = np.bincount(np.concatenate([np.unique(line.whole) for line in lines]), minlength=size)
        self._often_words, self._often_whole = near >= options.min_count, own >= options.min_count

    def take(
        self, lines: Sequence[Signs], names: NDArray[np.bool_], rate: np.float32, order: np.random.Generator
    ) -> None:
        """One step over a few lines."""
        before = np.cumsum([0, *(len(line.words) for line in lines)])
        near = np.concatenate([line.words for line in lines])
        own = np.concatenate([line.whole for line in lines])
        start = np.concatenate([line.start + at for line, at in zip(lines, before, strict=False)])
        end = np.concatenate([line.end + at for line, at in zip(lines, before, strict=False)])
        owner = np.repeat(np.arange(len(lines)), [len(line.start) for line in lines])
        drop, worth = self._options.drop, 1 / (1 - self._options.drop)
        kept_near = (order.random(near.shape, np.float32) >= drop) & self._often_words[near]
        kept_own = (order.random(own.shape, np.float32) >= drop) & self._often_whole[own]
        by_word = (self.words[near] * kept_near[:, :, None]).sum(axis=1) * worth
        passed = np.concatenate([np.zeros(1), np.cumsum(by_word[:, INSIDE], dtype=np.float64)])
        scores = by_word[start, START] + by_word[end - 1, END] + passed[end] - passed[start]
        scores += (self.whole[own, 0] * kept_own).sum(axis=1) * worth
        pull, pull_none = _pulls(scores, float(self.none), owner, names, len(lines))

        n = len(near)
        inside = np.cumsum(np.bincount(start, pull, n + 1) - np.bincount(end, pull, n + 1))[:n]
        by = np.column_stack([np.bincount(start, pull, n), inside, np.bincount(end - 1, pull, n)]) * worth
        row, column = np.nonzero(kept_near)
        self._step(self.words, self._pulled_words, near[row, column], by[row], rate)
        row, column = np.nonzero(kept_own)
        self._step(self.whole, self._pulled_whole, own[row, column], pull[row, None] * worth, rate)
        self._pulled_none += pull_none**2
        self.none -= np.float32(rate * pull_none / np.sqrt(self._pulled_none))

    def _step(self, weights: Numbers, pulled: Numbers, ids: Ids, by: NDArray[np.float64], rate: np.float32) -> None:
        """`weights` signs × columns, pulled by `by` (a row per sign met)."""
        touched = np.flatnonzero(np.bincount(ids, minlength=len(weights)))
        summed = np.column_stack([np.bincount(ids, column, len(weights))[touched] for column in by.T])
        pull = summed.astype(np.float32) + np.float32(self._options.decay) * weights[touched]
        pulled[touched] += pull * pull
        weights[touched] -= rate * pull / np.sqrt(pulled[touched])


def _pulls(
    scores: NDArray[np.float64], none: float, owner: Ids, names: NDArray[np.bool_], count: int
) -> tuple[NDArray[np.float64], float]:
    """By how much each span's score, and that of no name, is too high: of each line one span is meant or none."""
    top = np.full(count, none)
    np.maximum.at(top, owner, scores)
    likely = np.exp(scores - top[owner])
    likely_none = np.exp(none - top)
    total = np.bincount(owner, likely, count) + likely_none
    named = np.bincount(owner, likely * names, count)
    wanted = np.where(names, likely / np.maximum(named, 1e-30)[owner], 0.0)
    has = np.bincount(owner, names, count) > 0
    pull = likely / total[owner] - wanted
    return pull, float((likely_none / total - ~has).sum())
