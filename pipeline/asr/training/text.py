"""The ear's school: texts to tokens and back, with the task tokens the live ear uses."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from tokenizers import Tokenizer

TASK = ("<|startoftranscript|>", "<|zh|>", "<|transcribe|>", "<|notimestamps|>")
CONTEXT, END = "<|startofprev|>", "<|endoftext|>"


class Tokens:
    """The tokenizer of one model folder."""

    def __init__(self, folder: Path) -> None:
        self._tokenizer = _load(str(folder / "tokenizer.json"))
        self.task = [self._id(token) for token in TASK]
        self.context, self.end = self._id(CONTEXT), self._id(END)

    def encode(self, text: str) -> list[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def decode(self, ids: list[int]) -> str:
        return str(self._tokenizer.decode([token for token in ids if token < self.end]))

    def _id(self, token: str) -> int:
        number = self._tokenizer.token_to_id(token)
        if number is None:
            raise ValueError(f"the tokenizer has no token {token}")
        return int(number)


@lru_cache(maxsize=2)
def _load(path: str) -> Tokenizer:
    return Tokenizer.from_file(path)
