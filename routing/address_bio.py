"""Labelled addresses: one BIO label per word, a word being a character or a run of digits or Latin letters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import msgspec

Labelled = tuple[Sequence[str], tuple[str, ...]]  # words and one BIO label for each
_WORD = re.compile(r"[0-9]+|[A-Za-z]+|\S")
LONGEST_WORD = 40  # characters; more is no word of an address but a broken file


class Part(msgspec.Struct, frozen=True):
    """A part of an address."""

    text: str
    kind: str  # prov, city, district, town, community, road, roadno, poi, houseno, …
    start: int  # characters
    end: int
    confidence: float  # the least sure word's chance


class BadAddresses(ValueError):
    """A label file that can't be read; says which line and why."""


def words(text: str) -> list[tuple[int, str]]:
    """Where each word of an address begins, and the word; spaces are none."""
    return [(found.start(), found.group()) for found in _WORD.finditer(text)]


def read_bio(path: Path) -> list[Labelled]:
    """Addresses of a BIO file: `word label` per line, an empty line between addresses."""
    found: list[Labelled] = []
    said: list[str] = []
    labels: list[str] = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise BadAddresses(f"{path}: not UTF-8") from error
    for number, line in enumerate([*lines, ""], start=1):
        parts = line.split()
        if not parts:
            if said:
                found.append((tuple(said), tuple(labels)))
            said, labels = [], []
        elif len(parts) == 2 and len(parts[0]) <= LONGEST_WORD and _is_label(parts[1]):
            said.append(parts[0])
            labels.append(parts[1])
        else:
            raise BadAddresses(f"{path}, line {number}: not `word label`: {line[:40]!r}")
    if not found:
        raise BadAddresses(f"{path}: no addresses")
    return found


def phrases(labels: Sequence[str]) -> set[tuple[int, int, str]]:
    """(start, end, kind) of every labelled phrase, in words; an I without its B begins one."""
    found: set[tuple[int, int, str]] = set()
    start, kind = 0, ""
    for at, label in enumerate([*labels, "O"]):
        mark, _, name = label.partition("-")
        if kind and (mark != "I" or name != kind):
            found.add((start, at, kind))
            kind = ""
        if mark in ("B", "I") and not kind:
            start, kind = at, name
    return found


def _is_label(label: str) -> bool:
    return label == "O" or (label[:2] in ("B-", "I-") and len(label) > 2)
