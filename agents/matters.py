"""How many things a caller wants: which utterance belongs to which matter, by rule and by hand."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from agents.reading import Reading
from agents.state import CallState
from routing.category import Categories
from routing.phrases import Phrases
from schemas.ids import matter_id

# Opening a further matter, said outright.
ANOTHER = re.compile(
    r"还有(?:一)?(?:个|件|样)(?:事|问题|情况|别的)|另外(?:一(?:个|件)|再|还|我|，|想|就是|一个)|还想(?:再)?(?:反映|问|投诉|咨询|说)|再(?:问|反映|说)(?:一)?(?:个|件|下别的)|"
    r"顺便(?:再)?(?:问|反映|说)|第二(?:个|件|点|样)|再一个|还有就是|对了[，,]?(?:还有|我还|再)|还要(?:反映|投诉)"
)
# The same as it may be misheard: 地二个, 还有歌事.
LIKE_ANOTHER = Phrases(
    (
        *("第二个", "第二件", "第二点", "第二样", "第三个", "第三件", "还有一个", "还有一件", "还有个事", "还有个问题"),
        *("另外一个", "另外一件", "另外还有", "还想反映", "还想问", "还要反映", "还要投诉", "顺便问", "顺便反映"),
    ),
    by_sound=True,
)
# The agent asks for it: what the caller says next may be another matter, whatever words open it.
ASKED = re.compile(
    r"第[二三](?:个|件|点|样)|(?:另外|下|还有)一(?:个|件)|还有(?:什么|没有|其他|别的|哪些)|其他(?:问题|事情|诉求)"
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
        if not line.caller or i == 0 or not (reading.once(_opens) or _was_asked(readings[i - 1])):
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
    return ANOTHER.search(text) is not None or bool(LIKE_ANOTHER.find(text))


def _was_asked(before: Reading) -> bool:
    return not before.line.caller and ASKED.search(before.line.text) is not None
