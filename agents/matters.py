"""How many things a caller wants: which utterance belongs to which matter, by rule and by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import msgspec

from agents.reading import Reading
from agents.state import CallState
from agents.turning import Prompt, prompt, turn
from routing.category import Categories, Category, Spoken
from schemas.ids import matter_id

SURE = 0.35  # margin by which the new words must prefer another category, where nothing but a mark speaks for it
HINTED = 0.19  # … where the first matter was told to its end, too, or the agent asked for more
TOLD = 0.08  # … where the caller says outright, at such a point, that something else comes
UNSAID = 0.48  # … where no word marks it
SHARE = 0.3  # share of a category that needs no keyword
AHEAD = 6  # further lines of the caller that may show what the new matter is
BEHIND = (4, 6)  # first and last lines that show what the present one is
LONG = 12  # characters from which on a line can open a matter without any mark
DIGITS = 5  # digits from which on a line tells a number rather than a matter
SHORT = 6  # characters up to which a line between a question and its answer tells nothing


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
    """Where a further matter begins: a mark or the course of the talk lets one expect it, and the topic changes."""
    found: list[int] = []
    begin = 0
    for i, reading in enumerate(readings):
        if i and reading.line.caller and _turns(readings, begin, i, categories):
            found.append(i)
            begin = i
    return found


def _turns(readings: Sequence[Reading], begin: int, at: int, categories: Categories) -> bool:
    """Whether line `at` opens a further matter, the present one having begun at line `begin`."""
    own, ask = readings[at].once(turn), _prompt(readings[at - 1])
    asked = not own.no_more and _was_asked(readings, at)
    answers = ask is not None and ask.asks and not asked
    ended = asked or _wished(readings, begin, at)
    if (own.mark == "none" and own.length <= SHORT) or readings[at].once_of(_gives_number):
        return False
    if own.mark == "none" and not asked:
        # Nothing says so: only after a wish, and by a line that tells something of another class all by itself.
        if not ended or answers or own.wish or own.aside or own.follows or own.length < LONG:
            return False
        if ask is not None and len(readings[at - 1].line.text) > LONG:
            return False  # the agent has explained something, and the caller speaks to that
        need = UNSAID
    elif answers and (own.mark != "outright" or own.length < LONG):
        return False
    elif own.mark == "outright":
        need = TOLD if ended else SURE
    else:
        need = HINTED if ended else SURE
    before = [r.category for r in readings[begin:at] if r.category is not None]
    after = [r.category for r in readings[at:] if r.category is not None][:AHEAD]
    if len(before) > sum(BEHIND):
        before = before[: BEHIND[0]] + before[-BEHIND[1] :]
    if not before or not after:
        return False
    alone = readings[at].once_of(_alone(categories)) if need == UNSAID else None
    if need == UNSAID and (alone is None or alone.share < SHARE / 4):
        return False
    old = categories.best(before, 1)[0]
    if alone is not None and (_class(alone) == _class(old) or _lead(after[:1], alone, old, categories) < SURE):
        return False
    new = categories.best(after, 1)[0]
    if alone is not None and (len(after) < 2 or _lead_of(after[1:4], new, old, categories) < TOLD):
        return False  # one line alone may be a curse or a comparison; the next must speak of it, too
    if _class(new) == _class(old):
        if own.mark == "perhaps":
            return False  # 另外水压也小
        need = max(need, SURE)
    if new.code == old.code or _lead(after, new, old, categories) < need:
        return False
    if need < SURE:
        return True
    known = new.share >= SHARE or bool(categories.words_for(new.code, [h for part in after for h in part.hits]))
    return known and (need == SURE or _class(new) != _class(old))


def _lead(parts: Sequence[Spoken], new: Category, old: Category, categories: Categories) -> float:
    """How much more the parts speak for the new category than for the old; `new` is of the same parts."""
    return new.margin - categories.margin(parts, old.code)


def _lead_of(parts: Sequence[Spoken], new: Category, old: Category, categories: Categories) -> float:
    return categories.margin(parts, new.code) - categories.margin(parts, old.code)


def _class(category: Category) -> str:
    return category.code[:4]


@lru_cache(maxsize=4)
def _alone(categories: Categories) -> Callable[[Reading], Category | None]:
    """What a line says by itself; one function a model, so that a reading keeps its answer."""

    def best(reading: Reading) -> Category | None:
        return categories.best([reading.category], 1)[0] if reading.category is not None else None

    return best


def _gives_number(reading: Reading) -> bool:
    """A telephone number or a part of one."""
    return sum(len(run.digits) for run in reading.runs if not run.counted) >= DIGITS


def _prompt(before: Reading) -> Prompt | None:
    return None if before.line.caller else before.once(prompt)


def _was_asked(readings: Sequence[Reading], at: int) -> bool:
    """The agent has asked for further matters, and nothing but 有 and 您说 lies between."""
    for before in readings[max(0, at - 4) : at][::-1]:
        if before.line.caller:
            said = before.once(turn)
            if said.length > SHORT or said.no_more:
                return False
            continue
        asking = before.once(prompt)
        if asking.for_more or asking.asks:
            return asking.for_more
    return False


def _wished(readings: Sequence[Reading], begin: int, at: int) -> bool:
    """The caller has just said what he wants done: with that a matter is told, if not with its very first line."""
    first = next((i for i in range(begin, at) if readings[i].line.caller), at)
    said = [r for r in readings[max(first + 1, at - 6) : at] if r.line.caller]
    return any(r.once(turn).wish for r in said[-2:])
