"""Made-up tellings with what is to be learnt from them marked: of the language, not of one city.

`wish.jsonl`: in 《》 what the caller wants of the government. `respondent.jsonl`: in 【】 the body or person complained
of, reported or praised, each time it is named. `again.jsonl`: whether by these words he has been at the hotline before.
`wish_plain.jsonl`: the same as callers say it most; `between.jsonl`: what they say between that is no wish.
`hide.jsonl`: whether he wants his name kept, with what the agent asked before. All callers are fiction.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TypeVar

import msgspec

L = TypeVar("L")
_MARKS = str.maketrans("", "", "《》【】")


class Marked(msgspec.Struct, frozen=True):
    """Utterances of one caller, one after another, with marks."""

    kind: str
    lines: tuple[str, ...]


class Again(msgspec.Struct, frozen=True):
    """One utterance, and whether it tells that the matter was brought to the hotline before."""

    again: bool
    text: str


class Hide(msgspec.Struct, frozen=True):
    """What the agent asked ("" = nothing of it), what the caller said, and whether his name is to be kept."""

    agent: str
    text: str
    hide: str  # yes, no, or "" where it says nothing of it


def lessons(name: str, of: type[L]) -> list[L]:
    """All lessons of a file, in its order. Raises ValueError for a line that does not fit."""
    lines = files(__package__).joinpath(f"{name}.jsonl").read_bytes().splitlines()
    return [msgspec.json.decode(line, type=of) for line in lines if line.strip()]


def told_with_kinds() -> list[tuple[str, str]]:
    """Whole tellings without their marks, each with its kind of matter."""
    told = [telling for name in ("wish", "respondent") for telling in lessons(name, Marked)]
    return [("，".join(telling.lines).translate(_MARKS), telling.kind) for telling in told]
