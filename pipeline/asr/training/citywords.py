"""The ear's school, text: the names and phrases of one city, read from its pack."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np

from pipeline.asr.training.spoken import number, pick
from schemas.catalogue import Article, Category, Entry, Place, Script, Unit

_Entry = TypeVar("_Entry", bound=Entry)


class CityWords:
    """Addresses, bodies and matters of a city, drawn as callers say them."""

    def __init__(self, places: list[Place], units: list[Unit], categories: list[Category], written: list[str]) -> None:
        self._places = {place.code: place for place in places}
        self._inner = [place for place in places if place.level != "district"] or places
        self.units = units
        self.examples = [(leaf.code, example) for leaf in categories for example in leaf.examples]
        self.keywords = [(leaf.code, word) for leaf in categories for word in leaf.keywords]
        self.written = written  # scripts and articles as they stand
        self.spoken = speakable(written)  # their sentences, those with figures left out

    @classmethod
    def load(cls, folder: Path) -> CityWords:
        scripts = [script.text for script in _lines(folder / "scripts.jsonl", Script)]
        articles = [
            text
            for article in _lines(folder / "articles.jsonl", Article)
            for text in (*article.questions, article.body)
        ]
        return cls(
            _lines(folder / "places.jsonl", Place),
            _lines(folder / "units.jsonl", Unit),
            _lines(folder / "categories.jsonl", Category),
            [*scripts, *articles],
        )

    @property
    def names(self) -> list[str]:
        """Of places and bodies, with what people call them."""
        bodies = [name for unit in self.units for name in (unit.name, unit.short, *unit.aliases)]
        return [name for place in self._places.values() for name in (place.name, *place.aliases)] + bodies

    def place(self, rng: np.random.Generator) -> Place:
        return self._inner[int(rng.integers(len(self._inner)))]

    def place_name(self, rng: np.random.Generator) -> str:
        place = self.place(rng)
        return pick(rng, place.aliases) if place.aliases and rng.random() < 0.35 else place.name

    def address(self, rng: np.random.Generator) -> str:
        """From a bare name to district, street, community, building and room."""
        place = self.place(rng)
        chain = [place]
        while (above := chain[-1].parent) is not None and above in self._places:
            chain.append(self._places[above])
        kept = [node.name for node in reversed(chain[1:]) if rng.random() < 0.45] + [self._said(rng, place)]
        tail = ""
        if place.level in ("road", "street") and rng.random() < 0.5:
            tail = number(int(rng.integers(1, 400))) + "号"
        elif rng.random() < 0.35:
            tail = number(int(rng.integers(1, 40))) + pick(rng, ("号楼", "栋", "幢"))
            if rng.random() < 0.5:
                tail += number(int(rng.integers(1, 7))) + "单元"
            if rng.random() < 0.4:
                tail += pick(rng, "一二三四五六七八九") + "零" + pick(rng, "一二三四") + pick(rng, ("室", ""))
        return "".join(kept) + tail

    def unit(self, rng: np.random.Generator) -> str:
        unit = self.units[int(rng.integers(len(self.units)))]
        names = [unit.short, unit.name, *unit.aliases]
        return pick(rng, names)

    @staticmethod
    def _said(rng: np.random.Generator, place: Place) -> str:
        return pick(rng, place.aliases) if place.aliases and rng.random() < 0.25 else place.name


def plain(part: str) -> str:
    """Without the signs nobody speaks."""
    return re.sub(r"[“”《》（）()「」]", "", part.replace("、", "，")).strip("，：； ")


def speakable(texts: list[str]) -> list[str]:
    """Single sentences of 6 to 45 characters, written in nothing but characters and plain punctuation."""
    found = set()
    for text in texts:
        for part in re.findall(r"[^。？！\n；]+[。？！]?", text):
            part = plain(part)
            if 6 <= len(part) <= 45 and re.fullmatch(r"[一-鿿，。？！]+", part):
                found.add(part)
    return sorted(found)


def _lines(path: Path, kind: type[_Entry]) -> list[_Entry]:
    if not path.is_file():
        return []
    decoder = msgspec.json.Decoder(kind)
    return [decoder.decode(line) for line in path.read_bytes().splitlines() if line.strip()]
