"""Whom the complaint is about: a firm, a site, a shop or a role, with the place that makes it one of many."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agents.extract.aside import of_others
from agents.extract.respondent_ear import COMPLAINED, RespondentEar
from agents.extract.respondent_rules import bodies, role
from agents.lines import evidence
from agents.reading import Reading
from routing.gazetteer import Gazetteer
from schemas.draft import Evidence, FieldValue

OF_SOMEBODY = ("complaint", "report", "praise")  # who asks for help complains of nobody, but of whom he names
OF_NOBODY = ("consult", "suggestion")
HEARD = -1.0  # score from which on what only sounds like the body is taken for it: of held-out ones 7 of 10 right
SOMEWHERE = 4.0  # the same of what may be where it happens
NAMED = 8.0  # the same of one who asks for help
SORT = 3  # characters up to which a name only says what sort of body it is
SCORE = 2.0  # what the rules' weight adds to how a name sounds
DOUBT = -4.0  # a name the rules know that sounds less like the body than this is none
CLAIMED = 1.0  # the same of one who asks for help
PLACED = 1.0  # the most a place that may be complained of can sound like the body: it is named as the place, too
_PLACES = re.compile(r"(?:[路街巷口村镇乡区园苑]|小区|大厦|广场|单元|[号栋]楼)$")
_TWICE = re.compile(r"^(.{2,})\1$")  # 找物业物业说
_BESIDE = re.compile(r"门口|旁边|附近|边上|对面|后面|前面")


class Candidate(NamedTuple):
    """A name and how much speaks for it."""

    weight: float
    name: str
    sure: float
    words: Evidence
    ruled: bool = True
    placed: bool = False  # a place of the city


def respondent(
    readings: Sequence[Reading],
    kind: str,
    gazetteer: Gazetteer,
    place: str | None,
    ear: RespondentEar | None = None,
) -> FieldValue | None:
    """The body or person complained of, reported or praised; others need none. Without an `ear` rules alone decide."""
    if kind in OF_NOBODY:
        return None
    named_only = kind not in OF_SOMEBODY
    estate = gazetteer.places[place].name if place and gazetteer.places[place].level == "landmark" else ""
    found = [
        c
        for r in readings
        if r.line.caller
        for c in _joined(r, list(_by_rules(r, gazetteer, estate, named_only)), estate, named_only, ear)
    ]
    if not found:
        return None
    best = max(found, key=lambda c: c.weight)
    name = _whole(best.name, readings, gazetteer, place)
    return FieldValue(
        value=name,
        label=name,
        confidence=round(best.sure, 3),
        origin="rule" if best.ruled else "model",
        evidence=(best.words,),
    )


def _by_rules(reading: Reading, gazetteer: Gazetteer, estate: str, named_only: bool) -> Iterator[Candidate]:
    """What the rules know of a line."""
    line = reading.line
    for mention in reading.places:
        known = gazetteer.places[mention.best]
        if _BESIDE.match(line.text[mention.end :]):
            continue
        if known.level == "landmark" and known.name.endswith(COMPLAINED):
            words = evidence(line, mention.start, mention.end)
            yield Candidate(0.4 if named_only else 0.95, known.name, 0.75, words, placed=True)
    for start, end, prefix, sort in reading.once(bodies):
        if any(m.start < end and start < m.end for m in reading.places):
            start, prefix = start + len(prefix), ""
        weight = 0.5 if sort in ("店", "厂", "公司", "窗口") and not prefix else 0.8 + 0.12 * len(prefix)
        name = prefix + sort
        if named_only and len(prefix) < 2:
            continue
        if name == "物业" and estate:
            name, weight = estate + name, 0.9 if of_others(line.text) else 1.0
        yield Candidate(weight, name, min(0.85, 0.5 + 0.25 * weight), evidence(line, start, end))
    said = None if named_only or of_others(line.text) else reading.once(role)
    if said:
        yield Candidate(1.0 if said[0] == "包工头" else 0.6, said[0], 0.6, evidence(line, *said.span()))


def _joined(
    reading: Reading, known: list[Candidate], estate: str, named_only: bool, ear: RespondentEar | None
) -> Iterator[Candidate]:
    """The names of a line weighed by how they sound; what the rules know but does not sound like it is left out."""
    if ear is None:
        yield from known
        return
    heard = reading.once_of(ear.named)
    for candidate in known:
        start, end = candidate.words.start, candidate.words.end
        if candidate.placed:
            sound = max((n.score for n in heard if n.start < end and start < n.end), default=DOUBT)
            if sound > DOUBT:
                yield candidate._replace(weight=min(sound, PLACED) + SCORE * candidate.weight)
        elif not _of_place(reading, start, end):
            own = [n for n in heard if n[1:] == (start, end)] or [n for n in heard if n.start < start and n.end == end]
            if own and own[0].score > (CLAIMED if named_only else DOUBT):
                name = reading.line.text[own[0].start : start] + candidate.name
                words = evidence(reading.line, own[0].start, end)
                weight = own[0].score + SCORE * candidate.weight
                yield candidate._replace(weight=weight, name=_TWICE.sub(r"\1", name), words=words)
    spans = {(c.words.start, c.words.end) for c in known}
    somewhere: list[tuple[int, int]] = []
    for score, start, end in heard:
        name = _TWICE.sub(r"\1", reading.line.text[start:end])
        if score < SOMEWHERE and (_PLACES.search(name) or any(a < end and start < b for a, b in somewhere)):
            somewhere.append((start, end))
            continue
        if score < (NAMED if named_only else HEARD) or (start, end) in spans or _of_place(reading, start, end):
            continue
        words = evidence(reading.line, start, end)
        yield Candidate(score, estate + name if name == "物业" else name, _sure(score), words, ruled=False)


def _whole(name: str, readings: Sequence[Reading], gazetteer: Gazetteer, place: str | None) -> str:
    """The name of the place a body is, where only its sort is said: 那个工地."""
    if len(name) > SORT:
        return name
    codes = [place] if place else []
    codes += [m.best for r in reversed(readings) if r.line.caller for m in reversed(r.places)]
    known = (gazetteer.places[code] for code in codes)
    return next((p.name for p in known if p.level == "landmark" and p.name.endswith(name) and name in COMPLAINED), name)


def _of_place(reading: Reading, start: int, end: int) -> bool:
    return any(place.start < end and start < place.end for place in reading.places)


def _sure(score: float) -> float:
    """How often such a name is the right one, on held-out tellings."""
    return min(0.88, 0.62 + 0.03 * score)
