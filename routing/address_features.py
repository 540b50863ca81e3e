"""What a word of an address looks like among its neighbours: the signs a linear tagger weighs."""

from __future__ import annotations

import re
from collections.abc import Sequence

EDGE = "\x00"
REACH = 4  # words looked at on either side
ENDINGS = frozenset(
    "省市区县镇乡村街路道巷弄里号栋幢楼座层室单元园厦场城院所店厂行站桥组队社坊庄屯湾港河寺庙校苑府邸墅阁轩居期"
)
LEVELS = ("省", "市", "区县", "镇乡", "路街道")
NUMERALS = frozenset("零一二三四五六七八九十百千〇")
_LETTERS, _DIGITS = re.compile(r"[A-Za-z]+"), re.compile(r"\d+")
Mark = tuple[str, int]  # an ending (路, 号, 0 for a number) and where it stands


def shape(word: str) -> str:
    """The word itself, or for digits and letters only their form: 602 → 000, A → a."""
    if word.isdigit():
        return "0" * min(len(word), 5)
    if word.isascii() and word.isalpha():
        return "a" if len(word) == 1 else "aa"
    if word.isascii() and len(word) > 1:
        return _LETTERS.sub("a", _DIGITS.sub("0", word))
    return word


def signs(words: Sequence[str]) -> list[list[str]]:
    """The signs of every word, in order."""
    edge = [EDGE] * REACH
    shapes = [*edge, *(shape(word) for word in words), *edge]
    kinds = [*"e" * REACH, *(_kind(word) for word in words), *"e" * REACH]
    marks = [(word if word in ENDINGS else "0", at) for at, word in enumerate(words) if _is_mark(word)]
    again = _again(shapes[REACH:-REACH])
    found: list[list[str]] = []
    passed = 0
    for at, word in enumerate(words):
        while passed < len(marks) and marks[passed][1] < at:
            passed += 1
        own = _near(shapes, kinds, at + REACH)
        own += ("b", f"r{word}", f"p{min(at, 6)}", f"P{min(len(words) - 1 - at, 6)}")
        own.append(f"pk{min(at, 4)}{shapes[at + REACH]}")
        ahead = passed + (passed < len(marks) and marks[passed][1] == at)
        own += again[at]
        own += _between(
            shapes[at + REACH], at, len(words), marks[max(0, passed - 3) : passed], marks[ahead : ahead + 2]
        )
        found.append(own)
    return found


def _near(shapes: Sequence[str], kinds: Sequence[str], j: int) -> list[str]:
    """N-grams of words and of kinds of words around place `j`."""
    own = [f"c{o}{shapes[j + o]}" for o in range(-4, 5)]
    own += [f"d{o}{shapes[j + o]}{shapes[j + o + 1]}" for o in range(-3, 3)]
    own += [f"t{o}{''.join(shapes[j + o : j + o + 3])}" for o in range(-3, 2)]
    own += [f"q{o}{''.join(shapes[j + o : j + o + 4])}" for o in range(-3, 1)]
    own += [f"x1{shapes[j - 1]}_{shapes[j + 1]}", f"x2{shapes[j]}_{shapes[j + 2]}", f"x3{shapes[j - 2]}_{shapes[j]}"]
    own += ["k" + "".join(kinds[j - 1 : j + 2]), "l" + "".join(kinds[j - 2 : j + 3])]
    own += ["m" + "".join(kinds[j - 3 : j + 1]), "n" + "".join(kinds[j : j + 4])]
    own.append(f"kc{kinds[j - 1]}{shapes[j]}{kinds[j + 1]}")
    return own


def _between(word: str, at: int, length: int, left: Sequence[Mark], right: Sequence[Mark]) -> list[str]:
    """Which endings stand before and after, and how far: what the part may still become."""
    before = [(EDGE, -1)] * (3 - len(left)) + list(left)
    third, second, first = before[0], before[1], before[2]
    after = list(right) + [(EDGE, length + 5)] * (2 - len(right))
    near, far = after[0], after[1]
    since, until = at - first[1], near[1] - at
    return [
        f"L{first[0]}{min(since, 6)}",
        f"M{second[0]}{first[0]}",
        f"N{third[0]}{second[0]}{first[0]}",
        f"R{near[0]}{min(until, 6)}",
        f"Q{near[0]}{far[0]}",
        f"S{first[0]}{min(since, 4)}{near[0]}{min(until, 4)}",
        f"U{word}{near[0]}{min(until, 4)}",
        f"V{word}{first[0]}{min(since, 4)}",
        f"W{first[0]}{word}{near[0]}",
    ]


def _again(shapes: Sequence[str]) -> list[list[str]]:
    """What of an address is said twice, and which levels still come or have been: the rest may be redundant."""
    pairs = ["".join(shapes[at : at + 2]) for at in range(len(shapes))]
    where: dict[str, list[int]] = {}
    for at, pair in enumerate(pairs[:-1]):
        where.setdefault(pair, []).append(at)
    found: list[list[str]] = []
    for at in range(len(shapes)):
        sides = [_sides(where.get(pairs[i], ()), i) if 0 <= i < len(pairs) - 1 else "." for i in (at, at - 1)]
        before, after = (_levels(side) for side in (shapes[max(0, at - 30) : max(0, at - 1)], shapes[at + 4 :]))
        said = "".join(sides)
        own = [f"A{said}", f"B{before}", f"C{after}", f"D{before}_{after}", f"E{shapes[at]}{after}"]
        if said != "..":
            own += [f"F{said}{before}_{after}", f"G{said}{at == 0}"]
        found.append(own)
    return found


def _sides(places: Sequence[int], at: int) -> str:
    earlier, later = any(p < at for p in places), any(p > at for p in places)
    return "." if not (earlier or later) else "<" if not later else ">" if not earlier else "="


def _levels(shapes: Sequence[str]) -> str:
    """How many provinces, cities, districts, towns and roads are named, each up to two."""
    return "".join(str(min(2, sum(shapes.count(ending) for ending in level))) for level in LEVELS)


def _is_mark(word: str) -> bool:
    return word in ENDINGS or word[0].isdigit()


def _kind(word: str) -> str:
    if word[0].isdigit():
        return "d"
    if word.isascii():
        return "a" if word[0].isalpha() else "p"
    if word in NUMERALS:
        return "n"
    return "s" if word in ENDINGS else "h"
