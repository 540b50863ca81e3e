"""What the model heard beside what it wrote: for each character, how much less likely another one was to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

_NEAR = 8  # characters the model itself held for the likeliest, per place
_HAN = re.compile(r"[一-鿿]")


def _bytes_of_signs() -> dict[str, int]:
    """Byte-level vocabularies write each byte as one printable sign."""
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    rest = [byte for byte in range(0x100) if byte not in plain]
    return {chr(byte): byte for byte in plain} | {chr(0x100 + n): byte for n, byte in enumerate(rest)}


_BYTES = _bytes_of_signs()


class Spelling:
    """The model's vocabulary as bytes and characters."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        signs = {number: sign for sign, number in tokenizer.get_vocab(with_added_tokens=False).items()}
        spelt = {number: sign for number, sign in signs.items() if _BYTES.keys() >= set(sign)}
        self._bytes = {number: bytes(_BYTES[c] for c in sign) for number, sign in spelt.items()}
        written = {number: raw.decode("utf-8", "ignore") for number, raw in self._bytes.items() if len(raw) == 3}
        self._han = {number: sign for number, sign in written.items() if _HAN.fullmatch(sign)}
        self.han_tokens = np.array(sorted(self._han))
        self.tokens_of = lru_cache(maxsize=65536)(self._tokens_of)

    def _tokens_of(self, text: str) -> tuple[int, ...]:
        return tuple(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def han(self, token: int) -> str:
        """The one Chinese character a token of `han_tokens` stands for."""
        return self._han[token]

    def raw(self, token: int) -> bytes:
        return self._bytes.get(token, b"")


class Heard:
    """One greedy reading with the model's logits, seen by characters of its text."""

    def __init__(self, spelling: Spelling, tokens: Sequence[int], logits: np.ndarray) -> None:
        """`logits`: one row per token, the vocabulary wide. Raises UnicodeDecodeError where the text is broken."""
        self._spelling, self._tokens, self._logits = spelling, tokens, logits
        pieces = [spelling.raw(token) for token in tokens]
        self.text = b"".join(pieces).decode("utf-8")
        owners = [n for n, piece in enumerate(pieces) for _ in piece]
        begins = np.cumsum([0, *map(len, pieces)])
        raw, at = b"".join(pieces), 0
        self._places: list[tuple[int, str]] = []  # token that begins the character, characters before it in that token
        for sign in self.text:
            owner = owners[at]
            self._places.append((owner, raw[begins[owner] : at].decode("utf-8", "ignore")))
            at += len(sign.encode())

    def near(self, place: int) -> dict[str, float]:
        """The likeliest other characters at a place, where one token stands for one character, and their costs."""
        owner, before = self._places[place]
        if before:
            return {}
        row = self._logits[owner]
        likely = row[self._spelling.han_tokens]
        best = np.argpartition(-likely, _NEAR)[:_NEAR]
        wrote = row[self._tokens[owner]]
        return {self._spelling.han(int(self._spelling.han_tokens[n])): max(0.0, float(wrote - likely[n])) for n in best}

    def cost(self, place: int, sign: str) -> float:
        """How much less likely, in natural logarithms, the model held `sign` than what it wrote at a place.

        A character of several tokens is judged by the first that differs: the model was not asked for the others.
        """
        if sign == self.text[place]:
            return 0.0
        owner, before = self._places[place]
        for n, token in enumerate(self._spelling.tokens_of(before + sign), start=owner):
            if n >= len(self._tokens):
                break
            if self._tokens[n] != token:
                return max(0.0, float(self._logits[n][self._tokens[n]] - self._logits[n][token]))
        return 0.0
