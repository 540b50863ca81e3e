"""What the caller wants done or wants to know: the clauses of his lines that ask for it, his last word on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agents.extract.aside import beside_the_matter
from agents.extract.narrative import Clause, clean, mended
from agents.extract.wish_ear import CONSULT, Heard, WishEar
from agents.extract.wish_words import ASKS, CLOSES, ORDERS, OUTRIGHT, PAST, THREAT, TOLD, WONDERS
from agents.lines import evidence
from routing.injection import without_orders
from schemas.draft import FieldValue

WITH, ALONE = -0.65, -0.5  # score, and margin of its own words, from which a clause belongs to the wish beside it
ASKED, WANTED = 3, 2  # wishes kept, the last: of one who asks for advice, of any other
LONGEST = 200  # characters


def demand(
    kept: Sequence[Clause], kind: str, ear: WishEar, names: Mapping[str, str] | None = None
) -> FieldValue | None:
    """What the caller asks to be done, or to be told where he asks for advice. Praise asks for nothing.

    `names` mends places heard wrongly. The evidence is the very words of the wish.
    """
    own = [k for k in kept if not CLOSES.search(k.text) and not CLOSES.search(k.line.text)]
    own = [k for k in own if not beside_the_matter(k.text)]
    runs = _runs(ear.heard([k.reading.once(ear.parts) for k in own], kind), ear.sure) if kind != "praise" else []
    found, texts = [], []
    for run in runs[-(ASKED if kind == CONSULT else WANTED) :]:
        line = own[run[0].line].line
        asked = next((c for c in run if not _of_no_wish(line.text[c.start : c.end])), None)
        if asked is None:
            continue
        start, end = asked.start + _told_before(line.text[asked.start : asked.end], kind), run[-1].end
        if text := clean(without_orders(line.text)[start:end].replace("  ", "")):
            texts.append(mended(text, names or {}))
            found.append(evidence(line, start, end))
    if not texts:
        return None
    value = "；".join(texts)[:LONGEST]
    return FieldValue(value=value, label=value, confidence=0.65, origin="model", evidence=tuple(found))


def _runs(heard: Sequence[Heard], sure: float) -> list[Sequence[Heard]]:
    """The clauses of each wish, one wish in a line at most, in the order of the call."""
    best: dict[int, int] = {}
    for i, clause in enumerate(heard):
        if clause.line not in best or clause.score > heard[best[clause.line]].score:
            best[clause.line] = i
    runs = []
    for line, i in sorted(best.items()):
        if heard[i].score < sure:
            continue
        first = last = i
        while first and _goes_with(heard[first - 1], line):
            first -= 1
        while last + 1 < len(heard) and _goes_with(heard[last + 1], line):
            last += 1
        runs.append(heard[first : last + 1])
    return runs


def _goes_with(clause: Heard, line: int) -> bool:
    return clause.line == line and clause.score >= WITH and clause.margin >= ALONE


def _of_no_wish(words: str) -> bool:
    """Whether a clause tells what was, and orders nothing, or what others threaten."""
    if THREAT.search(words):
        return True
    return PAST.search(words) is not None and not any(p.search(words) for p in (OUTRIGHT, ASKS, ORDERS))


def _told_before(words: str, kind: str) -> int:
    """How many characters of story stand before the wish in one breath: 漏了三天了快派人来."""
    found = (WONDERS if kind == CONSULT else ASKS).search(words)
    told = TOLD.match(words[: found.start()]) if found else None
    return told.end() if told else 0
