"""Words and which follows which: how likely a stretch of text is in Mandarin as it is spoken in one city."""

from __future__ import annotations

import math
import os
import tempfile
from pathlib import Path

import msgspec

EDGE = ""  # stands before the first word of a run of characters and after the last
LONGEST = 12  # characters of a word
_TRUST = 8.0  # times a word must have been met before what followed it counts as much as how common that is alone
_NEVER = 1e-9  # probability of what no list holds


class BadLexicon(ValueError):
    """The file is no lexicon. Says which."""


class Lexicon(msgspec.Struct, frozen=True, kw_only=True):
    """A word model: single words of the language and the city, pairs of the city's texts."""

    revision: str  # of what it was made from; part of every utterance id
    words: dict[str, float]  # word → probability; EDGE too
    follow: dict[str, dict[str, int]]  # word → how often each word followed it
    met: dict[str, int]  # word → how often anything followed it

    def logprob(self, before: str, word: str) -> float:
        """Natural logarithm of the probability that `word` follows `before`."""
        pairs = self.follow.get(before)
        seen = pairs.get(word, 0) if pairs else 0
        return math.log((seen + _TRUST * self.words.get(word, _NEVER)) / (self.met.get(before, 0) + _TRUST))

    def write(self, path: Path) -> None:
        """Puts the file in place whole."""
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=".lexicon-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(msgspec.msgpack.encode(self))
            os.chmod(scratch, 0o644)
            os.replace(scratch, path)
        except BaseException:
            Path(scratch).unlink(missing_ok=True)
            raise

    @classmethod
    def read(cls, path: Path) -> Lexicon:
        """Raises BadLexicon, or OSError where there is no file."""
        try:
            return msgspec.msgpack.decode(path.read_bytes(), type=cls)
        except msgspec.DecodeError as error:
            raise BadLexicon(f"{path.name}: {error}") from error
