"""How the ear for wishes learns: what a clause sounds like from marked tellings, then what stands beside it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.extract import wish_ear
from agents.extract.wish_ear import CONSULT, STORY, WISH, Weights, WishEar, asking, features, leads, whole
from agents.lessons import Hide, Marked, lessons
from routing import classifier_fit
from routing.classifier import Options
from routing.fitted import Shelf, source_of
from routing.held_out import unseen_margins

OPTIONS = Options(low=1, high=3, sound=False, min_count=2, c=0.1, balance=1.0, sense=0.4)
FOLDS = 5  # parts the lessons are cut into, each judged by a model that never saw it
WRONG = 0.12  # share of the wishes found that may be none
HEARD_BY = (*(p.pattern for p in (*wish_ear.WORDS, wish_ear.TOLD_BY)), wish_ear.NONE, wish_ear.FAR)


class _Line(NamedTuple):
    """A line of a lesson without its marks."""

    text: str
    spans: list[tuple[int, int]]
    wished: list[bool]  # per clause: more than half of it is marked


def wishes_learnt(shelf: Shelf | None = None, told: Sequence[Marked] | None = None) -> WishEar:
    """The ear as the lessons teach it, or those given."""
    shelf, told = (
        shelf or Shelf(),
        [*(lessons("wish", Marked) if told is None else told), *lessons("wish_plain", Marked)],
    )
    calls = [[_line(line) for line in one.lines] for one in told]
    flat = [line for call in calls for line in call]
    texts = [whole(line.text[a:b]) for line in flat for a, b in line.spans]
    labels = [WISH if wished else STORY for line in flat for wished in line.wished]
    for text in _beside():
        heard = wish_ear.plain(text)
        texts += [whole(heard[a:b]) for a, b in wish_ear.clauses_of(heard)]
    labels += [STORY] * (len(texts) - len(labels))
    kinds = [one.kind for one in told]

    def weigh() -> dict[str, float]:
        return _numbers(_weighed(kinds, calls, _held_out(texts, labels)))

    key = (texts, labels, kinds, [line.text for line in flat], *HEARD_BY, source_of(sys.modules[__name__], wish_ear))
    found = _of_numbers(shelf.numbers("wish-weights", key, weigh))
    return WishEar(shelf.classifier("wish", texts, labels, OPTIONS), found)


def _beside() -> list[str]:
    """What is no wish in the matter: to have one's name kept, and what is said between."""
    kept = [asked.text for asked in lessons("hide", Hide) if asked.hide]
    return kept + [line for one in lessons("between", Marked) for line in one.lines]


def _line(told: str) -> _Line:
    bare, inside, marks = "", False, []
    for char in told:
        if char in "《》":
            inside = char == "《"
        else:
            bare += char
            marks.append(inside)
    text = wish_ear.plain(bare)
    spans = wish_ear.clauses_of(text)
    return _Line(text, spans, [sum(marks[a:b]) * 2 > b - a for a, b in spans])


def _held_out(texts: Sequence[str], labels: Sequence[str]) -> NDArray[np.float32]:
    """How much each clause sounds like a wish to a model that never saw it nor its neighbours."""
    names, margins = unseen_margins(texts, labels, np.arange(len(texts)) * FOLDS // len(texts), OPTIONS)
    return margins[:, names.index(WISH)]


def _weighed(kinds: Sequence[str], calls: Sequence[Sequence[_Line]], margins: NDArray[np.float32]) -> Weights:
    """How much each feature weighs beside margins of models that never saw the clause, and the score to be sure."""
    rows: list[list[float]] = []
    wished: list[bool] = []
    ends = [0]
    at = 0
    for kind, call in zip(kinds, calls, strict=True):
        own = [float(m) for m in margins[at : at + sum(len(line.spans) for line in call)]]
        at += len(own)
        for told in (call, _in_pieces(call)):  # an ear may write a line for each breath
            found: list[list[float]] = []
            for line in told:
                found += features(line.text, line.spans, own[len(found) : len(found) + len(line.spans)])
            for row, lead in zip(found, leads(own), strict=True):
                rows.append([lead, *row, *(f * (kind == CONSULT) for f in asking(row))])
            wished += [w for line in told for w in line.wished]
            ends.append(len(rows))
    table = np.array(rows, dtype=np.float32)
    names, weights, bias = classifier_fit.margins(table, [WISH if w else STORY for w in wished], c=1.0)
    column = names.index(WISH)
    own_weights = [float(w) for w in weights[:, column]]
    scores = table @ weights[:, column] + bias[column]
    bests = [a + int(np.argmax(scores[a:b])) for a, b in pairwise(ends) if b > a]
    asks = len(own_weights) - len(asking(rows[0]))
    sure = _sure([(float(scores[b]), wished[b]) for b in bests])
    return Weights(float(bias[column]), own_weights[0], tuple(own_weights[1:asks]), tuple(own_weights[asks:]), sure)


def _in_pieces(call: Sequence[_Line]) -> list[_Line]:
    """The same call with a line for each clause."""
    return [
        _Line(line.text[a:b], [(0, b - a)], [wished])
        for line in call
        for (a, b), wished in zip(line.spans, line.wished, strict=True)
    ]


def _sure(bests: Sequence[tuple[float, bool]]) -> float:
    """The least score from which on no more than WRONG of the likeliest clauses are none."""
    sure, wrong = np.inf, 0
    for n, (score, right) in enumerate(sorted(bests, reverse=True), 1):
        wrong += not right
        if wrong <= WRONG * n:
            sure = score
    return float(sure)


def _numbers(weights: Weights) -> dict[str, float]:
    found = {"bias": weights.bias, "lead": weights.lead, "sure": weights.sure}
    found |= {f"plain{n:02}": w for n, w in enumerate(weights.plain)}
    return found | {f"consult{n:02}": w for n, w in enumerate(weights.consult)}


def _of_numbers(found: dict[str, float]) -> Weights:
    plain, consult = (tuple(found[k] for k in sorted(found) if k.startswith(name)) for name in ("plain", "consult"))
    return Weights(found["bias"], found["lead"], plain, consult, found["sure"])
