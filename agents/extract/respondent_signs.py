"""What the words of a line, and the spans they could name a body by, look like: signs as numbers, all at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.extract.respondent_words import WordSorts

BITS = 18  # of a sign's number
WORDS, CHARACTERS = 8, 12  # the longest span
LONGEST = 256  # words of a line looked at
PUNCTUATION = frozenset("，。、；：？！?!,.;: \u3000")
REACH = 3  # words looked at on either side
# Of a word: itself, its sort coarse and fine, its first and last character, how like the last word of a name it is, how
# like the word before and the word behind one, and what the rules say there.
SELF, COARSE, FINE, FIRST, LAST, HEAD, BEFORE, BEHIND, RULE, SINCE, UNTIL = range(11)
_KINDS = 11

Ids = NDArray[np.int64]
Sign = tuple[int, int]  # how many words away, and what of it

_WORD_SIGNS: tuple[tuple[Sign, ...], ...] = (
    *(((o, SELF),) for o in range(-3, 4)),
    *(((o, COARSE),) for o in range(-3, 4)),
    *(((o, FINE),) for o in range(-2, 3)),
    *(((o, HEAD),) for o in range(-2, 3)),
    *(((o, FIRST),) for o in range(-1, 3)),
    *(((o, LAST),) for o in range(-2, 2)),
    ((-1, BEFORE),),
    ((1, BEHIND),),
    ((-1, BEFORE), (0, HEAD)),
    ((0, HEAD), (1, BEHIND)),
    ((0, HEAD), (1, HEAD)),
    ((-1, HEAD), (0, HEAD)),
    ((-2, SELF), (-1, SELF)),
    ((-1, SELF), (0, SELF)),
    ((0, SELF), (1, SELF)),
    ((1, SELF), (2, SELF)),
    ((-1, SELF), (1, SELF)),
    ((0, COARSE), (1, COARSE)),
    ((-1, COARSE), (0, COARSE)),
    ((-1, COARSE), (0, COARSE), (1, COARSE)),
    ((0, COARSE), (1, SELF)),
    ((-1, SELF), (0, COARSE)),
    ((0, FINE), (1, COARSE)),
    ((-1, COARSE), (0, FINE)),
    ((0, LAST), (1, FIRST)),
    ((-1, LAST), (0, FIRST)),
    ((0, SINCE),),
    ((0, UNTIL),),
    ((0, SINCE), (0, COARSE)),
    ((0, UNTIL), (0, COARSE)),
    ((0, SINCE), (0, UNTIL), (0, SELF)),
    ((0, RULE),),
    ((-1, RULE), (0, RULE), (1, RULE)),
    ((0, RULE), (-1, SELF)),
    ((0, RULE), (1, SELF)),
    ((0, RULE), (-1, COARSE)),
)


class Signs(NamedTuple):
    """Of one line: `words` words × signs; spans from word `start` to before word `end`, `whole` spans × signs."""

    words: Ids
    start: Ids
    end: Ids
    whole: Ids
    at: NDArray[np.int64]  # where each word begins in the text, and where the last one ends


def signs(text: str, rules: Sequence[tuple[int, int]], sorts: WordSorts) -> Signs:
    """The signs of a line (at least one character); `rules`: the spans that rules take for bodies."""
    cut = sorts.cut(text)[:LONGEST]
    at = np.array([0, *np.cumsum([len(w) for w in cut])], np.int64)
    columns = _columns(cut, at, rules, sorts)
    n = len(cut)
    near = np.concatenate([columns[REACH + o : REACH + o + n] for o in range(-REACH, REACH + 1)], axis=1)
    start, end = _spans(cut, at)
    return Signs(_mixed(near, _WORD_PLAN), start, end, _whole(columns, start, end, at, rules), at)


def _columns(cut: Sequence[str], at: Ids, rules: Sequence[tuple[int, int]], sorts: WordSorts) -> NDArray[np.uint64]:
    """Words (REACH empty ones on either side) × what is known of each, all above 0."""
    n = len(cut)
    found = np.zeros((n + 2 * REACH, _KINDS), np.uint64)
    found[REACH : REACH + n, : BEHIND + 1] = [sorts.of(word) for word in cut]
    rule = found[REACH : REACH + n, RULE]
    for start, end in rules:
        inside = (at[:-1] >= start) & (at[1:] <= end)
        rule[inside] = 2
        rule[inside & (at[:-1] == start)] = 1
        rule[inside & (at[1:] == end)] += np.uint64(2)
    ends = [word in PUNCTUATION for word in cut]
    for column, order in ((SINCE, range(n)), (UNTIL, range(n - 1, -1, -1))):
        far = 0
        for i in order:
            found[REACH + i, column] = min(far, 3) + 1
            far = 0 if ends[i] else far + 1
    return found


def _spans(cut: Sequence[str], at: Ids) -> tuple[Ids, Ids]:
    """All spans of words that are short enough and hold no punctuation."""
    n = len(cut)
    stops = np.zeros(n + WORDS, np.int64)
    stops[1 : n + 1] = np.cumsum([word in PUNCTUATION for word in cut])
    stops[n + 1 :] = n + 1
    far = np.concatenate([at, np.full(WORDS - 1, at[-1] + 2 * CHARACTERS)])
    end = np.arange(n)[:, None] + np.arange(1, WORDS + 1)
    fits = (stops[end] == stops[:n, None]) & (far[end] - at[:n, None] <= CHARACTERS)
    start, length = np.nonzero(fits)
    return start, start + length + 1


def _whole(columns: NDArray[np.uint64], start: Ids, end: Ids, at: Ids, rules: Sequence[tuple[int, int]]) -> Ids:
    """Signs of whole spans."""
    n = len(at) - 1
    passed = np.zeros(n + 1, np.uint64)
    np.cumsum(columns[REACH : REACH + n, SELF] * _POWERS[:n], out=passed[1:])
    said = (passed[end] - passed[start]) * _BACK[start]
    _, same, often = np.unique(said, return_inverse=True, return_counts=True)
    begins, ends = at[start], at[end]
    ruled = np.zeros(len(start), np.uint64)
    for a, b in rules:
        ruled[(begins >= a) & (ends <= b)] = 3
        ruled[(begins <= a) & (ends >= b)] = 2
        ruled[(begins == a) & (ends == b)] = 1
    table = np.empty((len(start), 4 * _KINDS + 5), np.uint64)
    for i, rows in enumerate((REACH + start, REACH + end - 1, REACH + start - 1, REACH + end)):
        table[:, i * _KINDS : (i + 1) * _KINDS] = columns[rows]
    table[:, _SAID], table[:, _OFTEN], table[:, _RULED] = said, np.minimum(often, 3)[same], ruled
    table[:, _LENGTH], table[:, _COUNT] = np.minimum(ends - begins, 8), end - start
    return _mixed(table, _WHOLE_PLAN)


_P = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9))
Plan = tuple[NDArray[np.int64], NDArray[np.uint64], NDArray[np.uint64]]


def _plan(rows: Sequence[Sequence[int]]) -> Plan:
    """Which columns each sign is mixed of (up to three), what each is multiplied by, and a number of the sign."""
    columns = np.array([[*row, *[0] * (3 - len(row))] for row in rows], np.int64).T
    times = np.array([[_P[i] if i < len(row) else 0 for i in range(3)] for row in rows], np.uint64).T
    own = (np.arange(1, len(rows) + 1, dtype=np.uint64) * np.uint64(0x27D4EB2F165667C5)).astype(np.uint64)
    return columns, times, own


def _mixed(table: NDArray[np.uint64], plan: Plan) -> Ids:
    """Rows × signs: numbers below 1 << BITS."""
    columns, times, own = plan
    mixed = table[:, columns[0]] * times[0] + own
    for column, factor in zip(columns[1:], times[1:], strict=True):
        mixed ^= mixed >> np.uint64(31)
        mixed += table[:, column] * factor
    mixed ^= mixed >> np.uint64(29)
    mixed *= _P[1]
    return (mixed >> np.uint64(64 - BITS)).astype(np.int64)


def _powers(of: int) -> NDArray[np.uint64]:
    """Powers of a number, of 64 bits."""
    return np.array([pow(of, i, 1 << 64) for i in range(LONGEST + 1)], np.uint64)


_ODD = 0x2545F4914F6CDD1D
_POWERS, _BACK = _powers(_ODD), _powers(pow(_ODD, -1, 1 << 64))


def _column(sign: Sign) -> int:
    return (sign[0] + REACH) * _KINDS + sign[1]


_WORD_PLAN = _plan([[_column(sign) for sign in row] for row in _WORD_SIGNS])
_F, _L, _B, _A = (i * _KINDS for i in range(4))
_SAID, _OFTEN, _RULED, _LENGTH, _COUNT = range(4 * _KINDS, 4 * _KINDS + 5)
_WHOLE_PLAN = _plan(
    (
        (_LENGTH,),
        (_COUNT,),
        (_SAID,),
        (_F + COARSE, _L + COARSE),
        (_F + FINE, _L + FINE),
        (_F + FIRST, _L + LAST),
        (_B + SELF, _A + SELF),
        (_B + COARSE, _A + COARSE),
        (_B + LAST, _A + FIRST),
        (_L + LAST, _B + SELF),
        (_L + COARSE, _A + COARSE, _B + COARSE),
        (_L + FINE, _LENGTH),
        (_L + LAST, _LENGTH),
        (_L + HEAD, _COUNT),
        (_L + HEAD, _B + BEFORE, _A + BEHIND),
        (_L + HEAD, _B + SELF),
        (_L + HEAD, _A + SELF),
        (_OFTEN, _LENGTH),
        (_RULED,),
        (_RULED, _B + COARSE),
        (_RULED, _A + COARSE),
        (_RULED, _B + BEFORE, _A + BEHIND),
    )
)
