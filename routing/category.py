"""Which category of the city's taxonomy a caller's words speak of: a linear model and the pack's keywords, joined."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from routing.city.index import CityIndex
from routing.classifier import Options, shares
from routing.fitted import Shelf
from routing.phrases import Hit, Phrases

OPTIONS = Options(low=1, high=2, sound=True, c=0.3, sense=0.7)
KEYWORD = 0.2  # margin a keyword adds; more for a longer one, less when several categories share it
MOST = 0.98  # no share is shown as certainty
SHARPNESS = 12.0  # of the shares: with it, shares of held-out examples come out as often right as they say


class Spoken(msgspec.Struct, frozen=True):
    """What one utterance says about the category; projected once, joined with the others again and again."""

    projection: NDArray[np.float32]
    length: float
    hits: tuple[Hit, ...]  # keywords


class Category(msgspec.Struct, frozen=True):
    """A category considered for a matter."""

    code: str
    share: float  # 0..1, of all categories
    margin: float


class Categories:
    """Knows the leaves of the taxonomy by example, keyword and article."""

    def __init__(self, index: CityIndex, shelf: Shelf | None = None) -> None:
        self._model = (shelf or Shelf()).classifier("category", *_lessons(index), OPTIONS)
        known = set(self._model.labels)
        self._at = {code: i for i, code in enumerate(self._model.labels)}
        self._of: dict[str, list[str]] = defaultdict(list)
        for leaf in index.leaves():
            for word in leaf.keywords:
                # 不发工资 is said 没发工资 once it has happened
                for form in dict.fromkeys((word, word.replace("不", "没"))):
                    if leaf.code in known and leaf.code not in self._of[form]:
                        self._of[form].append(leaf.code)
        # 物业 falls in many a matter that is not about it: the more categories use a word, the less it says.
        talk = [(leaf.code, "\n".join(leaf.examples)) for leaf in index.leaves()]
        self._common = {w: sum(w in t or c in codes for c, t in talk) for w, codes in self._of.items()}
        self._words = Phrases(self._of, by_sound=True)

    def read(self, text: str, weight: float = 1.0) -> Spoken:
        """What one utterance says."""
        projection, length = self._model.project(text)
        return Spoken(projection * weight, length * weight * weight, tuple(self._words.longest(text)))

    def best(self, parts: Sequence[Spoken], n: int = 4) -> list[Category]:
        """The likeliest categories of all parts together, best first."""
        if not parts:
            return []
        margins = self._margins(parts)
        share = shares(margins, SHARPNESS)
        order = np.argsort(-margins, kind="stable")[:n]
        return [Category(self._model.labels[i], min(MOST, float(share[i])), float(margins[i])) for i in order]

    def margin(self, parts: Sequence[Spoken], code: str) -> float:
        """How far the parts speak for one category; comparable within the same parts."""
        return float(self._margins(parts)[self._at[code]])

    def _margins(self, parts: Sequence[Spoken]) -> NDArray[np.float32]:
        margins = self._model.join([(p.projection, p.length) for p in parts]).copy()
        for word in {hit.word for part in parts for hit in part.hits}:
            codes = self._of[word]
            for code in codes:
                margins[self._at[code]] += KEYWORD * (0.6 + 0.2 * len(word)) / self._common[word] ** 0.7
        return margins

    def words_for(self, code: str, hits: Iterable[Hit]) -> list[Hit]:
        """Those keywords that speak for `code`."""
        return [hit for hit in hits if code in self._of[hit.word]]


def _lessons(index: CityIndex) -> tuple[list[str], list[str]]:
    """The pack's own words as labelled texts: examples, tellings, names, keywords, questions its articles answer."""
    texts: list[str] = []
    labels: list[str] = []
    leaves = {leaf.code for leaf in index.leaves()}
    for leaf in index.leaves():
        for text in (*leaf.examples, leaf.name, " ".join(leaf.keywords)):
            texts.append(text)
            labels.append(leaf.code)
    for telling in index.pack.tellings:
        texts.append(telling.text)
        labels.append(telling.category)
    for article in index.pack.articles:
        own = [code for code in article.categories if code in leaves]
        for text in (article.title, *article.questions):
            for code in own[:1]:
                texts.append(text)
                labels.append(code)
    return texts, labels
