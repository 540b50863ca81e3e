"""Which clauses of a caller's line sound like a wish: a learnt ear, with the words of the rules as evidence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from operator import mul
from typing import NamedTuple

from agents.extract.wish_words import ASKS, ORDERS, OUTRIGHT, PAST, PUT, QUERY, SEEKS, TELL, WONDERS
from agents.written import CUT
from routing.classifier import Classifier
from routing.injection import without_orders
from routing.person import of_himself, standard

WISH, STORY = "wish", "story"
CONSULT = "consult"
NONE = -1.2  # how much the clause before the first and after the last sounds like a wish
FAR = 0.5  # the most a clause's lead over all others of the call counts
WORDS = (SEEKS, ORDERS, PAST, PUT, TELL, WONDERS, ASKS, OUTRIGHT, QUERY)
OPENS = re.compile(
    r"(?:[嗯呃额唉诶哎欸啊哦喂]+呀?|那个|这个|就是说?|然后呢?|反正吧?|其实呢?|怎么说呢|我(?:跟|给)你[讲说]啊?|你(?:听我)?[讲说]|是这样的?)+(?=..)"
)
TOLD_BY = re.compile(r"[他她它们家司长主板]还?(?:说|讲|让我|叫我|非要|非说)|我(?:就)?(?:说|问|讲)(?!一|个|下|你|您)")


class Part(NamedTuple):
    """A clause of a line."""

    start: int
    end: int
    margin: float  # how much its own words sound like a wish
    asks: float  # with what stands beside it: how far it is a wish of one who asks for advice
    wants: float  # … of any other


class Heard(NamedTuple):
    """A clause of a call, and how far it is a wish: from `WishEar.sure` on it is taken for one."""

    line: int  # which of the lines given
    start: int
    end: int
    margin: float  # how much its own words sound like a wish
    score: float


class Weights(NamedTuple):
    """What the features of a clause add to its score, learnt."""

    bias: float
    lead: float
    plain: tuple[float, ...]  # of `features`
    consult: tuple[float, ...]  # of `asking`: added for one who asks for advice
    sure: float


class WishEar:
    """Judges each line once, and joins the lines of a call by how far one clause leads over all others."""

    def __init__(self, model: Classifier, weights: Weights) -> None:
        self.sure = weights.sure
        self._model = model
        self._column = model.labels.index(WISH)
        self._weights = weights

    def parts(self, text: str) -> tuple[Part, ...]:
        """The clauses of a line."""
        heard = plain(text)
        spans = clauses_of(heard)
        margins = self._model.margins_of([whole(heard[a:b]) for a, b in spans])[:, self._column].tolist()
        found = []
        for (start, end), row in zip(spans, features(heard, spans, margins), strict=True):
            wants = self._weights.bias + sum(map(mul, row, self._weights.plain))
            asks = wants + sum(map(mul, asking(row), self._weights.consult))
            found.append(Part(start, end, row[0], asks, wants))
        return tuple(found)

    def heard(self, lines: Sequence[Sequence[Part]], kind: str) -> list[Heard]:
        """All clauses of a call's lines, in order."""
        parts = [(at, part) for at, line in enumerate(lines) for part in line]
        far = self._weights.lead
        return [
            Heard(at, p.start, p.end, p.margin, (p.asks if kind == CONSULT else p.wants) + far * lead)
            for (at, p), lead in zip(parts, leads([p.margin for _, p in parts]), strict=True)
        ]


def plain(text: str) -> str:
    """What the ear hears: the same from whoever says it, orders to the machine left out. Positions stay."""
    text = standard(without_orders(text))
    for start, end in of_himself(text):
        text = text[:start] + "，" * (end - start) + text[end:]
    return text


def clauses_of(text: str) -> list[tuple[int, int]]:
    """Where the clauses of a text stand, but for the sounds they open with."""
    bounds = [0, *(b for m in CUT.finditer(text) for b in m.span()), len(text)]
    spans = [(OPENS.match(text, a, b), a, b) for a, b in zip(bounds[::2], bounds[1::2], strict=True)]
    return [(m.end() if m else a, b) for m, a, b in spans if b > a]


def whole(clause: str) -> str:
    """A clause with its ends marked: how it begins and ends tells more than what stands between."""
    return f"始{clause}终"


def features(text: str, spans: Sequence[tuple[int, int]], margins: Sequence[float]) -> list[list[float]]:
    """What speaks for and against each clause of a line, but for its lead."""
    found, told = [], False
    for i, (start, end) in enumerate(spans):
        words = text[start:end]
        told = told or TOLD_BY.search(words) is not None
        first, last = i == 0, i + 1 == len(spans)
        row = [margins[i], NONE if first else margins[i - 1], NONE if last else margins[i + 1], first, last, told]
        row += [min(end - start, 20) / 10, end - start < 4]
        found.append([*row, *(p.search(words) is not None for p in WORDS), text[end : end + 1] in ("？", "?")])
    return found


def asking(row: Sequence[float]) -> tuple[float, ...]:
    """Of a clause's features those that weigh otherwise where the caller asks for advice."""
    return (1.0, row[0], *row[-7:])


def leads(margins: Sequence[float]) -> list[float]:
    """How far each margin is over the best of all others. Who asks for two things asks for neither less."""
    first, second = sorted((*margins, NONE, NONE), reverse=True)[:2]
    return [max(0.0, min(FAR, m - (second if m == first else first))) for m in margins]
