"""Meaning for the search for answers: a vector per window of every text, made once and kept on disk."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agents.models.embedding import Embedding, Vectors
from routing.retrieval_grams import windows
from routing.retrieval_posts import Scores

BATCH = 16  # windows turned into vectors before they are written down
HEARD = 300  # characters of a question that are turned into a vector


class WindowMeaning:
    """Says how near each text's nearest window is to a question. The same question has the same answer."""

    def __init__(
        self, embedding: Embedding, vectors: Vectors, owners: NDArray[np.int64], texts: int, whole: bool = True
    ) -> None:
        """`vectors`: windows × size. `owners`: the text each belongs to, rising; a text without any is never near.
        `whole`: every window has its vector."""
        self.name, self.whole = embedding.name, whole
        self._embedding, self._vectors = embedding, vectors
        self._texts, self._first = np.unique(owners, return_index=True)
        self._size = texts

    def nearness(self, question: str) -> Scores | None:
        """Cosine of each text's nearest window, three digits; -1 for a text whose windows have no vectors."""
        if not question.strip() or not len(self._vectors):
            return None
        asked = self._embedding.questions([question[:HEARD]])[0]
        found = np.full(self._size, -1.0)
        found[self._texts] = np.maximum.reduceat(self._vectors @ asked, self._first)
        return np.round(found, 3)  # a last digit that differs between machines must not turn an order round


def read_meaning(texts: Sequence[str], embedding: Embedding, kept: Path | None, make: bool = True) -> WindowMeaning:
    """The meaning of the texts' windows: from the file `kept`, as far as it holds them, the rest made anew.

    With `make` false nothing is made: what has no vector yet is found by its words alone. Never fails for a file that
    can't be read or written: the vectors are then made again.
    """
    pieces = [(at, window) for at, text in enumerate(texts) for window in windows(text)]
    keys = [_key(window) for _, window in pieces]
    known = _read(kept, embedding) if kept is not None else {}
    lacking = sorted({k: w for k, (_, w) in zip(keys, pieces, strict=True) if k not in known}.items())
    lacking.sort(key=lambda each: len(each[1]))  # those of one length together: less padding to work through
    if make and lacking:
        for start in range(0, len(lacking), BATCH):
            some = lacking[start : start + BATCH]
            made = embedding.passages([window for _, window in some]).astype(np.float16)
            known |= {key: row for (key, _), row in zip(some, made, strict=True)}
        if kept is not None:
            _write(kept, embedding, {key: known[key] for key in dict.fromkeys(keys)})
    here = [i for i, key in enumerate(keys) if key in known]
    rows = np.array([known[keys[i]] for i in here], dtype=np.float32).reshape(len(here), embedding.size)
    owners = np.array([pieces[i][0] for i in here], dtype=np.int64)
    return WindowMeaning(embedding, rows, owners, len(texts), whole=len(here) == len(pieces))


def _key(window: str) -> bytes:
    return hashlib.blake2b(window.encode(), digest_size=16).digest()


def _read(path: Path, embedding: Embedding) -> dict[bytes, NDArray[np.float16]]:
    try:
        with np.load(path, allow_pickle=False) as data:
            if str(data["embedding"]) != embedding.name:
                return {}
            keys, rows = data["keys"], data["vectors"]
            if rows.shape != (len(keys), embedding.size) or rows.dtype != np.float16:
                return {}
            return {key.tobytes(): row for key, row in zip(keys, rows, strict=True)}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return {}


def _write(path: Path, embedding: Embedding, rows: dict[bytes, NDArray[np.float16]]) -> None:
    keys = np.array([np.frombuffer(key, dtype=np.uint8) for key in rows], dtype=np.uint8).reshape(len(rows), 16)
    vectors = np.array(list(rows.values()), dtype=np.float16).reshape(len(rows), embedding.size)
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                np.savez(file, embedding=np.array(embedding.name), keys=keys, vectors=vectors)
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
