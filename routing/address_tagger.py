"""Parts of a written address (city, district, road, …), as learnt from labelled ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from routing.address_bio import Part, words
from routing.address_chain import Numbers, best_path, ordered, posteriors


class Scorer(Protocol):
    """Scores labels over words; tags nothing by itself, so that several can be heard together."""

    @property
    def labels(self) -> tuple[str, ...]:
        """BIO labels, sorted."""

    @property
    def steps(self) -> Numbers:
        """Score of a label (second) after another (first)."""

    @property
    def start(self) -> Numbers:
        """Score of a label at the first word."""

    def scores(self, addresses: Sequence[Sequence[str]]) -> Iterator[Numbers]:
        """Per address, in order: words × labels. No address is empty."""


class AddressTagger:
    """Labels the words of an address by what its scorers say together. An I never stands without its kind before it."""

    def __init__(self, scorers: Sequence[Scorer], shares: Sequence[float] | None = None) -> None:
        """`shares`: what each scorer counts, summing to one; equal where left out. Raises ValueError."""
        if not scorers or any(s.labels != scorers[0].labels for s in scorers):
            raise ValueError("a tagger needs scorers that know the same labels")
        self.labels = scorers[0].labels
        self._scorers = tuple(scorers)
        self._shares = list(shares or [1 / len(scorers)] * len(scorers))
        never, never_first = ordered(self.labels)
        self._steps = never + _shared(self._shares, [s.steps for s in scorers])
        self._start = never_first + _shared(self._shares, [s.start for s in scorers])

    def label(self, addresses: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
        """One label per word, for each address."""
        return [path for path, _ in self._judged(addresses)]

    def parts(self, text: str) -> tuple[Part, ...]:
        """The parts of a written address, in order; what belongs to no part is left out."""
        cut = words(text)
        [(labels, chances)] = self._judged([[word for _, word in cut]])
        found: list[Part] = []
        for (at, word), label, chance in zip(cut, labels, chances, strict=True):
            mark, _, kind = label.partition("-")
            if mark == "I" and found:
                last = found[-1]
                part = Part(
                    text[last.start : at + len(word)], kind, last.start, at + len(word), min(last.confidence, chance)
                )
                found[-1] = part
            elif mark == "B":
                found.append(Part(word, kind, at, at + len(word), chance))
        return tuple(found)

    def _judged(self, addresses: Sequence[Sequence[str]]) -> Iterator[tuple[tuple[str, ...], list[float]]]:
        """Labels and the chance of each."""
        there = [address for address in addresses if address]
        heard = zip(*(scorer.scores(there) for scorer in self._scorers), strict=True)
        for address in addresses:
            if not address:
                yield (), []
                continue
            scores = _shared(self._shares, next(heard))
            path = best_path(scores, self._steps, self._start)
            _, chances, _ = posteriors(scores[None], np.ones((1, len(scores)), bool), self._steps, self._start)
            sure = chances[0, np.arange(len(path)), path]
            yield tuple(self.labels[at] for at in path), [round(float(one), 4) for one in sure]


def _shared(shares: Sequence[float], heard: Sequence[Numbers]) -> Numbers:
    total = np.zeros_like(heard[0])
    for share, own in zip(shares, heard, strict=True):
        total += np.float32(share) * own
    return total
