"""A city's words: the lexicon of a city pack, made once per pack and kept in a file."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pipeline.asr.training.citywords import CityWords, plain
from pipeline.asr.training.grammar import Grammar
from pipeline.asr.training.sentence import is_held_out
from pipeline.asr.wording.counts import lexicon_of
from pipeline.asr.wording.lexicon import Lexicon

_VERSION = 1  # of the way a lexicon is made
_SPOKEN = 8000  # sentences of callers and agents drawn from the grammar
_SEED = 12345
_PART = re.compile(r"[^。？！；\n]+")


def city_lexicon(city: Path, folder: Path) -> Path:
    """The file of a pack's lexicon, made where it is not there yet; seconds. Raises OSError where it can't be kept."""
    path = folder / f"words-{city.name}-{_revision(city)}.bin"
    if not path.is_file():
        make_lexicon(city).write(path)
    return path


def make_lexicon(city: Path, held_out: bool = True) -> Lexicon:
    """The lexicon of a pack. Without `held_out`, what the ear is measured on has no part in it."""
    words = CityWords.load(city)
    return lexicon_of(_texts(city, words, held_out), words.names, _revision(city))


def _texts(city: Path, words: CityWords, held_out: bool) -> Iterator[str]:
    def allowed(key: str) -> bool:
        return held_out or not is_held_out(key)

    for n, (_, example) in enumerate(words.examples):
        if allowed(f"ex{n}"):
            yield example
    for _, keyword in words.keywords:
        yield keyword
    unspoken = {text.rstrip("。？！") for n, text in enumerate(words.spoken) if not allowed(f"spoken{n}")}
    for text in words.written:
        for part in _PART.findall(text):
            if plain(part) not in unspoken:
                yield part
    grammar, rng = Grammar.load(city), np.random.default_rng(_SEED)
    for _ in range(_SPOKEN):
        sentence = (grammar.hotline if rng.random() < 0.8 else grammar.agent)(rng)
        if held_out or not sentence.held_out:
            yield sentence.text


def _revision(city: Path) -> str:
    seen = hashlib.sha256(f"{_VERSION} {_SPOKEN}".encode())
    for path in sorted(city.glob("*.json*")):
        seen.update(path.name.encode() + b"\0" + path.read_bytes())
    return seen.hexdigest()[:8]
