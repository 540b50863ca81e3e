"""At dispatch, how alike two tellings of a matter are, and the words that say so. Pure."""

from __future__ import annotations

import re
from functools import lru_cache

_PLAIN = re.compile(r"[^\u4e00-\u9fffA-Za-z0-9]+")
# what every caller says; it tells nothing of the matter
_COMMON = re.compile(
    "诉求人|来电人|反映|来电|咨询|诉求|地点|希望|要求|请问|想问|我们|你们|他们|一下|这个|那个|现在|已经|一直|没有|就是|什么|怎么|之前|上次|前几天|打过电话|"
    "没有人处理|没人处理|还是老样子|相关部门|处理|解决|尽快|你好|麻烦|谢谢|可以|不是|还是|我家|我这|这边"
)
LONGEST = 300  # characters that are compared
SHORTEST = 3  # characters of words quoted


@lru_cache(512)
def grams(text: str) -> frozenset[str]:
    """Pairs of characters that tell of the matter."""
    parts = _PLAIN.split(_COMMON.sub(" ", text[:LONGEST]))
    return frozenset(part[i : i + 2] for part in parts for i in range(len(part) - 1))


def overlap(one: str, other: str) -> float:
    """0..1: of the shorter telling, how much the other has too; 0 when either says too little."""
    a, b = grams(one), grams(other)
    small = min(len(a), len(b))
    return len(a & b) / small if small >= SHORTEST else 0.0


def novelty(said: str, known: str) -> float:
    """0..1: of what is said, how much the earlier telling does not have."""
    a = grams(said)
    return len(a - grams(known)) / len(a) if a else 0.0


def shared(one: str, other: str, most: int = 3) -> tuple[str, ...]:
    """The longest words both have, for people."""
    found: list[str] = []
    for part in sorted(_PLAIN.split(_COMMON.sub(" ", one[:LONGEST])), key=len, reverse=True):
        at = 0
        while at < len(part):
            size = 0
            while at + size < len(part) and part[at : at + size + 1] in other:
                size += 1
            if size >= SHORTEST:
                found.append(part[at : at + size])
            at += max(1, size)
    longest = sorted(dict.fromkeys(found), key=lambda w: (-len(w), w))
    return tuple(w for i, w in enumerate(longest) if not any(w in v for v in longest[:i]))[:most]
