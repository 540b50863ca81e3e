"""A fitted model as files: numbers and words only, each file with its SHA-256, nothing that runs when read."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

HEAD, ARRAYS = "model.json", "weights.npz"
FORMAT = 2
FORMATS = (1, 2)  # 1: before there were kinds and seals; a linear model


class BadModel(ValueError):
    """A model folder that cannot be read; says which file and why."""


def write(
    folder: Path,
    kind: str,
    head: Mapping[str, Any],
    arrays: Mapping[str, NDArray[Any]],
    files: Sequence[str] = (),
    small: bool = True,
) -> None:
    """Writes `weights.npz`, then `model.json` with the digests of it and of `files` that lie there.

    `small`: packed, which takes longer to write and to read.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if arrays:
        (np.savez_compressed if small else np.savez)(folder / ARRAYS, allow_pickle=False, **dict(arrays))
    named = [*([ARRAYS] if arrays else []), *files]
    digests = {name: _digest((folder / name).read_bytes()) for name in named}
    whole = json.loads(json.dumps({"format": FORMAT, "kind": kind, **head, "files": digests}))
    (folder / HEAD).write_text(json.dumps({**whole, "seal": _seal(whole)}, ensure_ascii=False), encoding="utf-8")


def read_head(folder: Path) -> dict[str, Any]:
    """What `model.json` says, once it and every file it names are found whole. Raises BadModel."""
    path = folder / HEAD
    try:
        head = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadModel(f"{path}: no readable model: {error}") from error
    if not isinstance(head, dict) or head.get("format") not in FORMATS:
        said = head.get("format") if isinstance(head, dict) else type(head).__name__
        raise BadModel(f"{path}: format {said}, this version reads {' and '.join(map(str, FORMATS))}")
    if head["format"] == 1:
        return {**head, "kind": "linear", "files": {}}
    if head.pop("seal", None) != _seal(head):
        raise BadModel(f"{path} has been changed: its seal does not fit")
    for name, digest in head["files"].items():
        file = folder / name
        if not file.is_file():
            raise BadModel(f"{file} is missing")
        if _digest(file.read_bytes()) != digest:
            raise BadModel(f"{file} has been changed: its SHA-256 is not the one in {HEAD}")
    return head


def read_arrays(folder: Path) -> dict[str, NDArray[Any]]:
    """The numbers beside the head. Raises BadModel."""
    try:
        with np.load(folder / ARRAYS, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise BadModel(f"{folder / ARRAYS}: no readable numbers: {error}") from error


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _seal(head: Mapping[str, Any]) -> str:
    return _digest(json.dumps(head, ensure_ascii=False, sort_keys=True).encode())
