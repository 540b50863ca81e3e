"""How many things a caller wants: which utterance belongs to which matter, by rule and by hand."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from agents.reading import Reading
from agents.state import CallState
from routing.category import Categories
from schemas.ids import matter_id

# Opening a further matter, said outright.
ANOTHER = re.compile(
    r"还有(?:一)?(?:个|件|样)(?:事|问题|情况|别的)|另外(?:一(?:个|件)|再|还|我|，|想|就是|一个)|还想(?:再)?(?:反映|问|投诉|咨询|说)|再(?:问|反映|说)(?:一)?(?:个|件|下别的)|"
    r"顺便(?:再)?(?:问|反映|说)|第二(?:个|件|点|样)|再一个|还有就是|对了[，,]?(?:还有|我还|再)|还要(?:反映|投诉)"
)
SURE = 0.22  # margin by which the new words must prefer another category
AHEAD = 6  # further lines of the caller that may show what the new matter is


class Split(msgspec.Struct, frozen=True):
    """A matter and the readings that belong to it."""

    id: str
    n: int
    readings: tuple[Reading, ...]
    by_hand: bool = False


def split(state: CallState, readings: Sequence[Reading], categories: Categories) -> list[Split]:
    """All matters of a call, in order; the first exists from the start."""
    starts = [0, *_openings(readings, categories)]
    moved = {u: m.id for m in state.opened for u in m.utterances}
    ids = [matter_id(state.call, n) for n in range(len(starts) + len(state.opened))]
    own = [i for i in ids if i not in {m.id for m in state.opened}]
    groups: dict[str, list[Reading]] = {own[n]: [] for n in range(len(starts))}
    kept = [m for m in (*state.locks, *state.closed) if m not in groups]  # a person's work outlives its cause
    by_hand = {m.id: m for m in state.opened}
    groups.update({m: [] for m in (*by_hand, *kept)})
    for i, reading in enumerate(readings):
        part = max(n for n, s in enumerate(starts) if s <= i)
        home = own[part]
        for matter in state.opened:
            # A matter opened empty takes what is said from then on, until the next one opens.
            if not matter.utterances and reading.line.at >= matter.after and starts[part] <= i:
                home = matter.id
        groups[moved.get(reading.line.id, home)].append(reading)
    first = {own[n]: start for n, start in enumerate(starts)}
    order = sorted(groups, key=lambda g: (by_hand[g].after, 1) if g in by_hand else (first.get(g, len(readings)), 0))
    return [Split(g, n, tuple(groups[g]), g in by_hand) for n, g in enumerate(order)]


def _openings(readings: Sequence[Reading], categories: Categories) -> list[int]:
    """Where a further matter begins: said outright, and the words that follow are of another category."""
    found: list[int] = []
    begin = 0
    for i, reading in enumerate(readings):
        line = reading.line
        if not line.caller or i == 0 or not reading.once(_opens):
            continue
        before = [r.category for r in readings[begin:i] if r.category is not None]
        after = [r.category for r in readings[i:] if r.category is not None][:AHEAD]
        old, new = categories.best(before, 1), categories.best(after, 1)
        if not old or not new or old[0].code == new[0].code:
            continue
        hits = [h for part in after for h in part.hits]
        told = bool(categories.words_for(new[0].code, hits))
        rival = categories.margin(after, old[0].code)
        if new[0].margin - rival >= SURE and (told or new[0].share >= 0.3):
            found.append(i)
            begin = i
    return found


def _opens(text: str) -> bool:
    return ANOTHER.search(text) is not None
