"""Search for answers: which text answers a question, by its words, by its best window, and by meaning where known."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec
import numpy as np

from routing.retrieval_grams import bigrams, characters, phrases, shared_run, windows
from routing.retrieval_posts import Posts, Scores

POOL = 20  # texts read again, closely
HEAD = 60  # characters of a question whose runs are looked for, and of a text without a title that stand for one
ASKED_MOST = 3000  # characters of a question that are read
LONGEST_RUN = 40  # characters beyond which a shared run says no more
# How much each sign counts. Chosen by cross-validation over questions on policies and over messages with their
# answers together, as one linear sum; docs/answers.md tells how.
WHOLE, WINDOW, TITLE = (
    4.7,
    1.7,
    0.9,
)  # BM25 of bigrams, of characters in the best window, of the title: share of the best
RARE, TOLD = 5.7, 3.4  # share of the question's weight that stands in the text, with idf squared and plain
SHARE, RUN = 2.2, 0.17  # of the longest run of each phrase: its share of the phrase; per character of the longest
LENGTH = -1.0  # per natural logarithm of a text's characters
MEANING = 1.25  # nearness in meaning, in standard deviations among the texts read closely
NEAREST = 5  # texts read closely for their meaning alone
READING, READ = 2.0, 6  # what a reader says, in standard deviations; texts it reads


class Document(msgspec.Struct, frozen=True):
    """A text to be found. Its title counts once more; without one its beginning does."""

    text: str
    title: str = ""

    @property
    def whole(self) -> str:
        return f"{self.title}\n{self.text}" if self.title else self.text


class Meaning(Protocol):
    """Says how near every document is to a question in meaning; None where it can't say."""

    name: str  # of what says so

    def nearness(self, question: str) -> Scores | None: ...


class Reader(Protocol):
    """Reads a question and a stretch of text together and says how well the one answers the other."""

    name: str  # of what says so

    def read(self, question: str, stretches: Sequence[str]) -> Scores: ...


class Found(msgspec.Struct, frozen=True):
    """One document for a question."""

    at: int
    score: float


class Search:
    """Ranks documents for a question. Deterministic: the same question has the same answer, in the same order."""

    def __init__(
        self, documents: Sequence[Document], meaning: Meaning | None = None, reader: Reader | None = None
    ) -> None:
        self._texts = [document.whole for document in documents]
        self._whole = Posts([bigrams(text) for text in self._texts], k1=1.2, b=0.9)
        pieces = [(at, window) for at, text in enumerate(self._texts) for window in windows(text)]
        self._first = np.searchsorted([at for at, _ in pieces], np.arange(len(documents)))
        self._windows = Posts([characters(window) for _, window in pieces], k1=1.0, b=0.5)
        self._titles = Posts([bigrams(d.title or d.text[:HEAD]) for d in documents], k1=1.0, b=0.5)
        self._length = np.log([max(1, len(text)) for text in self._texts])
        self._pieces = [window for _, window in pieces]
        self.meaning, self._reader = meaning, reader

    def rank(self, question: str, n: int = 10, weights: Mapping[str, float] | None = None) -> list[Found]:
        """The best `n` documents, best first; those that share no word with the question are left out.

        `weights` are counts of the question's bigrams where some words of it count more.
        """
        question = question[:ASKED_MOST]
        if not self._texts:
            return []
        wanted = {gram: math.log2(1 + count) for gram, count in (weights or bigrams(question)).items()}
        whole = self._whole.bm25(wanted)
        if not whole.any():
            return []
        idf = self._whole.idf
        plain = {gram: weight * idf[gram] for gram, weight in wanted.items() if gram in idf}
        rare = {gram: weight**2 for gram, weight in plain.items()}
        title = self._titles.told(plain)
        singles = {gram: math.log2(1 + count) for gram, count in characters(question).items()}
        by_window = self._windows.bm25(singles)
        window = np.maximum.reduceat(by_window, self._first)
        rough = _share(whole) + 0.35 * _share(window) + 0.2 * _share(title)
        pool = [int(at) for at in np.argsort(-rough, kind="stable")[: max(n, POOL)] if whole[at] > 0]
        scores = (
            WHOLE * _share(whole)
            + WINDOW * _share(window)
            + TITLE * _share(title)
            + RARE * self._whole.told(rare) / (sum(rare.values()) or 1.0)
            + TOLD * self._whole.told(plain) / (sum(plain.values()) or 1.0)
            + LENGTH * self._length
        )
        close = pool[:POOL]
        near = self.meaning.nearness(question) if self.meaning is not None else None
        if near is not None:
            close = list(dict.fromkeys((*close, *(int(at) for at in np.argsort(-near, kind="stable")[:NEAREST]))))
            among = near[close]
            scores = scores + MEANING * (near - among.mean()) / max(float(among.std()), 1e-6)
        told = phrases(question, HEAD)
        fine = {at: float(scores[at]) + self._runs(told, self._texts[at]) for at in close}
        if self._reader is not None:
            best = sorted(close, key=lambda at: (-fine[at], at))[:READ]
            read = self._reader.read(question, [self._stretch(at, by_window) for at in best])
            said = READING * (read - read.mean()) / max(float(read.std()), 1e-6)
            fine |= {at: fine[at] + float(more) for at, more in zip(best, said, strict=True)}
        found = [Found(at, fine[at]) for at in sorted(close, key=lambda at: (-fine[at], at))]
        return [*found, *(Found(at, float(scores[at])) for at in pool if at not in fine)][:n]

    def _stretch(self, at: int, by_window: Scores) -> str:
        """The window of a text that answers best."""
        start = int(self._first[at])
        end = int(self._first[at + 1]) if at + 1 < len(self._first) else len(self._pieces)
        return self._pieces[start + int(by_window[start:end].argmax())]

    def _runs(self, told: Sequence[str], text: str) -> float:
        if not told:
            return 0.0
        runs = [shared_run(phrase, text) for phrase in told]
        return SHARE * sum(r / len(p) for r, p in zip(runs, told, strict=True)) / len(told) + RUN * min(
            max(runs), LONGEST_RUN
        )


def _share(scores: Scores) -> Scores:
    best = float(scores.max(initial=0.0))
    return scores / best if best > 0 else scores
