"""Whom a line sounds like it complains of: learnt from marked tellings, with the rules' bodies as evidence."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from agents.extract import respondent_asides, respondent_rules, respondent_signs, respondent_spans, respondent_words
from agents.extract.narrative import telling as told_in
from agents.extract.respondent_asides import ASIDES
from agents.extract.respondent_rules import bodies, role
from agents.extract.respondent_signs import Signs, signs
from agents.extract.respondent_spans import SpanOptions, Spans
from agents.extract.respondent_words import COARSE, FINE, WordSorts, grouped, likened
from agents.lessons import Marked, lessons
from agents.reading import Reading
from routing.danger import SMALL_TALK
from routing.fitted import Shelf, source_of
from routing.person import of_himself, standard
from routing.senses.table import senses

OPTIONS = SpanOptions()
TELLS = 4  # characters from which on a line may name somebody
RUN_ON = 3  # of so many lines one is learnt without its punctuation, too: recognisers may give none
KEPT = 3  # spans of a line that are looked at
_OF_SOMEBODY = ("complaint", "report", "praise")  # kinds of matter that have a body
# Places that may be complained of themselves; all others only say where.
COMPLAINED = (
    *("工地", "医院", "保健院", "水厂", "养殖场", "化工厂", "中学", "小学", "学校", "幼儿园", "敬老院", "养老院"),
)
_STOPS = re.compile("[，。、？！；：,.?!;:]")
_ASCII = str.maketrans(",?!;:", "，？！；：")
_CODE = (respondent_asides, respondent_rules, respondent_signs, respondent_spans, respondent_words)
Span = tuple[int, int]


class Named(NamedTuple):
    """A span that may name the body; over 0 likelier than that the line names none."""

    score: float
    start: int
    end: int


class RespondentEar:
    """Judges each line once; what the caller says of himself is left out."""

    def __init__(self, sorts: WordSorts, spans: Spans) -> None:
        self._sorts, self._spans = sorts, spans

    @classmethod
    def fit(cls, shelf: Shelf | None = None, told: Sequence[Marked] | None = None) -> RespondentEar:
        """Learns from the lessons, or from those given."""
        told = lessons("respondent", Marked) if told is None else told
        own = [lesson for lesson in told if lesson.kind in _OF_SOMEBODY]
        made = (shelf or Shelf()).arrays("respondent", _key(own), lambda: _fitted(own))
        sorts = WordSorts((made["coarse"], made["fine"]), made["roles"])
        return cls(sorts, Spans.of(made))

    def named(self, reading: Reading) -> tuple[Named, ...]:
        """The likeliest spans of a line, best first, and what rules take for a body."""
        if not reading.line.caller or len(reading.once(told_in).text) < TELLS:
            return ()
        text = reading.line.text
        bodies_here: list[Span] = []
        for place in reading.places:
            if text[place.start : place.end].endswith(COMPLAINED):
                bodies_here.append((place.start, place.end))
            else:
                text = _without(text, place.start, place.end)
        text = _plain(text)
        rules = [*_ruled(text), *bodies_here]
        seen = signs(text, rules, self._sorts)
        if not len(seen.start):
            return ()
        scores = self._spans.scores(seen)
        starts, ends = seen.at[seen.start], seen.at[seen.end]
        best = np.argsort(-scores, kind="stable")
        found = [Named(float(scores[i]), int(starts[i]), int(ends[i])) for i in best[:KEPT]]
        for start, end in rules:
            at = np.flatnonzero((starts == start) & (ends == end))
            if len(at) and at[0] not in best[:KEPT]:
                found.append(Named(float(scores[at[0]]), start, end))
        return tuple(found)


def _plain(text: str) -> str:
    """The text as it is learnt and read: of the same length."""
    text = standard(text.translate(_ASCII))
    for start, end in of_himself(text):
        text = _without(text, start, end)
    return text


def _without(text: str, start: int, end: int) -> str:
    return text[:start] + " " * (end - start) + text[end:]


def _ruled(text: str) -> list[Span]:
    """What the rules take for a body."""
    found = [(start, end) for start, end, _, _ in bodies(text)]
    said = role(text)
    return [*found, said.span()] if said else found


def _fitted(told: Sequence[Marked]) -> dict[str, NDArray[Any]]:
    table = senses()
    groups = grouped(table, COARSE), grouped(table, FINE)
    marked = [line for lesson in told for line in lesson.lines]
    run_on = [_STOPS.sub("", line) for line in marked[::RUN_ON]]
    lines = [_unmarked(line) for line in (*marked, *run_on, *ASIDES, *SMALL_TALK)]
    cutter = WordSorts(groups, np.zeros((len(table.vocabulary), 3), np.int16))
    roles = likened(table, [word for text, names in lines if names for word in _roles(cutter, text, names)])
    sorts = WordSorts(groups, roles)
    seen = [signs(text, _ruled(text), sorts) for text, _ in lines]
    meant = [_meant(sign, names) for sign, (_, names) in zip(seen, lines, strict=True)]
    return {"coarse": groups[0], "fine": groups[1], "roles": roles, **Spans.fit(seen, meant, OPTIONS).arrays()}


def _unmarked(line: str) -> tuple[str, list[Span]]:
    """A line as it is read, and where it names the body."""
    found = [(m.start(1) - 2 * n - 1, m.end(1) - 2 * n - 1) for n, m in enumerate(re.finditer("【(.*?)】", line))]
    return _plain(re.sub("[【】]", "", line)), found


def _roles(sorts: WordSorts, text: str, names: Sequence[Span]) -> Iterator[tuple[str, tuple[bool, bool, bool]]]:
    """Words of a line, and which of them ends a name, stands before one, or behind one."""
    at = 0
    for word in sorts.cut(text):
        end = at + len(word)
        yield (
            word,
            (
                any(s <= at and end == e for s, e in names),
                any(end == s for s, _ in names),
                any(at == e for _, e in names),
            ),
        )
        at = end


def _meant(seen: Signs, names: Sequence[Span]) -> NDArray[np.bool_]:
    starts, ends = seen.at[seen.start].tolist(), seen.at[seen.end].tolist()
    return np.array([span in names for span in zip(starts, ends, strict=True)], np.bool_)


def _key(told: Sequence[Marked]) -> list[str]:
    """All that makes the model: the lessons, how they are learnt, and the code that learns them."""
    code = source_of(sys.modules[__name__], *_CODE)
    return [msgspec.json.encode(list(told)).decode(), senses().digest, code]
