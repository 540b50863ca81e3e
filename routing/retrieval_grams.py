"""Search for answers, smallest parts: n-grams of a text, its windows, and what of a question is worth looking for."""

from __future__ import annotations

import re
from collections import Counter

NOISE = re.compile(r"[\s，。！？、；：,.!?;:“”\"'（）()《》—…]+")
WINDOW = 200  # characters of a text that are judged, and turned into a vector, as one
OVERLAP = 40  # characters two pieces of one overlong sentence share
_SENTENCE = re.compile(r"[^。！？；\n]+[。！？；\n]*")
_ASKING = re.compile(
    r"什么|哪些|哪里|哪个|哪家|如何|怎么样|怎么|怎样|多少|多久|是否|有何|为何|为什么|吗|呢|请问|咨询|关于|投诉|建议|希望|请求"
)


def bigrams(text: str) -> Counter[str]:
    """Counts of the character bigrams of a text, across no punctuation."""
    counts: Counter[str] = Counter()
    for part in NOISE.split(text):
        counts.update(part[i : i + 2] for i in range(len(part) - 1))
        if len(part) == 1:
            counts[part] += 1
    return counts


def characters(text: str) -> Counter[str]:
    """Counts of the characters of a text, without punctuation."""
    return Counter(NOISE.sub("", text))


def windows(text: str, size: int = WINDOW) -> list[str]:
    """Runs of whole sentences of about `size` characters; the last sentence of one begins the next where it fits."""
    pieces = []
    for match in _SENTENCE.finditer(text):
        rest = match[0]
        while len(rest) > size:
            pieces.append(rest[:size])
            rest = rest[size - OVERLAP :]
        pieces.append(rest)
    found: list[str] = []
    held: list[str] = []
    for piece in pieces:
        if held and sum(map(len, held)) + len(piece) > size:
            found.append("".join(held))
            held = held[-1:] if len(held[-1]) + len(piece) <= size else []
        held.append(piece)
    if held:
        found.append("".join(held))
    return [window for window in found if window.strip()] or [text]


def phrases(question: str, most: int) -> list[str]:
    """What is asked about, in its own words: the first `most` characters of a question without its question words."""
    return [part for part in NOISE.split(_ASKING.sub(" ", question[:most])) if part]


def shared_run(phrase: str, text: str) -> int:
    """Length of the longest run of characters that both have."""
    best = 0
    for start in range(len(phrase)):
        while start + best < len(phrase) and phrase[start : start + best + 1] in text:
            best += 1
    return best
