"""Made-up calls: pools of words that share no sentence; rules may be tuned on all but `exam`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import msgspec

from pipeline.calls.made import Split

FOLDER = Path(__file__).parent / "words"


class Family(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One sort of matter, in several tellings. Slots stand in braces."""

    id: str
    category: str  # code of a leaf
    kind: str
    where: str  # none | home | road | mark | market | site | village
    open: tuple[str, ...]
    more: tuple[str, ...]
    want: tuple[str, ...]
    body: tuple[str, ...] = ()  # who may be complained of


class Talk(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said round every matter. A way is a list of turns, "A:" the agent's, "C:" the caller's."""

    agent_open: tuple[str, ...]
    hello: tuple[str, ...]
    fillers: tuple[str, ...]
    restarts: tuple[str, ...]
    reassure: tuple[str, ...]
    tempers: tuple[str, ...]
    ask_place: tuple[str, ...]
    ask_time: tuple[str, ...]
    ask_name: tuple[str, ...]
    ask_phone: tuple[str, ...]
    ask_secret: tuple[str, ...]
    ask_more: tuple[str, ...]
    noted: tuple[str, ...]
    bye: tuple[str, ...]
    agent_bye: tuple[str, ...]
    place_home: tuple[tuple[str, ...], ...]
    place_road: tuple[tuple[str, ...], ...]
    place_spot: tuple[tuple[str, ...], ...]
    place_village: tuple[tuple[str, ...], ...]
    name: tuple[tuple[str, ...], ...]
    phone: tuple[tuple[str, ...], ...]
    again: tuple[str, ...]
    first: tuple[str, ...]
    secret_yes: tuple[str, ...]
    secret_no: tuple[str, ...]
    homes: tuple[str, ...]
    vague_many: tuple[str, ...]
    aside: tuple[str, ...]
    another: tuple[str, ...]


class Names(msgspec.Struct, frozen=True):
    """Surnames and given names of one pool."""

    surnames: str
    given: tuple[str, ...]


class People(msgspec.Struct, frozen=True):
    """Names, and how their characters are told apart on the phone."""

    tune: Names
    test: Names
    probe: Names
    exam: Names
    spelt: dict[str, str]
    surnames_spelt: dict[str, str]


class Words(msgspec.Struct, frozen=True):
    """One pool."""

    talk: Talk
    families: tuple[Family, ...]
    life: tuple[str, ...]  # danger to life, told
    calm: tuple[str, ...]  # the same words without any
    names: Names
    spelt: dict[str, str]
    surnames_spelt: dict[str, str]


@lru_cache(maxsize=4)
def words(split: Split) -> Words:
    """The pool of that name."""
    people = msgspec.json.decode((FOLDER / "people.json").read_bytes(), type=People)
    lines = (FOLDER / f"families_{split}.jsonl").read_bytes().splitlines()
    return Words(
        talk=msgspec.json.decode((FOLDER / f"talk_{split}.json").read_bytes(), type=Talk),
        families=tuple(msgspec.json.decode(line, type=Family) for line in lines if line.strip()),
        life=tuple(line.split("|", 1)[1] for line in _lines(f"life_{split}.txt")),
        calm=tuple(_lines(f"calm_{split}.txt")),
        names=getattr(people, split),
        spelt=people.spelt,
        surnames_spelt=people.surnames_spelt,
    )


def _lines(name: str) -> list[str]:
    return [line for line in (FOLDER / name).read_text(encoding="utf-8").splitlines() if line.strip()]
