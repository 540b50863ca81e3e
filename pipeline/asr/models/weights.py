"""The ear's models: CTranslate2's `model.bin`, a flat table of named arrays, read and written with numpy alone."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import numpy as np

BINARY_VERSION = 6
# Type ids of the file; bfloat16 (5) has no numpy type and is refused.
TYPES: dict[int, np.dtype[Any]] = {
    0: np.dtype("<f4"),
    1: np.dtype("i1"),
    2: np.dtype("<i2"),
    3: np.dtype("<i4"),
    4: np.dtype("<f2"),
}
IDS = {dtype: number for number, dtype in TYPES.items()}


class WeightsError(ValueError):
    """A file that is no such table, or breaks off; the message says where."""


class Weights(msgspec.Struct):
    """All of a model.bin. Reading and writing back gives the same bytes."""

    name: str  # of the architecture, e.g. "WhisperSpec"
    revision: int
    arrays: dict[str, np.ndarray]  # in the order of the file
    aliases: dict[str, str]  # name → name of the array it stands for

    @classmethod
    def read(cls, path: Path) -> Weights:
        with path.open("rb") as file:
            try:
                return cls._read(file)
            except struct.error as error:
                raise WeightsError(f"{path.name}: breaks off at byte {file.tell()}") from error

    @classmethod
    def _read(cls, file: BinaryIO) -> Weights:
        version = _number(file, "<I")
        if version != BINARY_VERSION:
            raise WeightsError(f"binary version {version}, expected {BINARY_VERSION}")
        name, revision = _text(file), _number(file, "<I")
        arrays: dict[str, np.ndarray] = {}
        for _ in range(_number(file, "<I")):
            key = _text(file)
            rank = _number(file, "<B")
            shape = tuple(_number(file, "<I") for _ in range(rank))
            kind, size = _number(file, "<B"), _number(file, "<I")
            if kind not in TYPES:
                raise WeightsError(f"{key}: type id {kind} is not supported, known: {sorted(TYPES)}")
            if size != TYPES[kind].itemsize * int(np.prod(shape, dtype=np.int64)):
                raise WeightsError(f"{key}: {size} bytes do not fit the shape {shape}")
            data = file.read(size)
            if len(data) != size:
                raise WeightsError(f"{key}: breaks off after {len(data)} of {size} bytes")
            arrays[key] = np.frombuffer(data, TYPES[kind]).reshape(shape)
        aliases = {}
        for _ in range(_number(file, "<I")):
            key = _text(file)
            aliases[key] = _text(file)
        if file.read(1):
            raise WeightsError(f"bytes are left over after the table, at {file.tell() - 1}")
        return cls(name, revision, arrays, aliases)

    def write(self, path: Path) -> None:
        """Writes in place; whoever needs atomicity writes beside and renames."""
        with path.open("wb") as file:
            file.write(struct.pack("<I", BINARY_VERSION))
            _put(file, self.name)
            file.write(struct.pack("<II", self.revision, len(self.arrays)))
            for key, array in self.arrays.items():
                dtype = array.dtype.newbyteorder("<") if array.dtype.itemsize > 1 else array.dtype
                if dtype not in IDS:
                    raise WeightsError(f"{key}: numpy type {array.dtype} has no type id")
                _put(file, key)
                file.write(struct.pack(f"<B{array.ndim}IBI", array.ndim, *array.shape, IDS[dtype], array.nbytes))
                file.write(np.ascontiguousarray(array, dtype).tobytes())
            file.write(struct.pack("<I", len(self.aliases)))
            for key, target in self.aliases.items():
                _put(file, key)
                _put(file, target)


def _number(file: BinaryIO, form: str) -> int:
    return int(struct.unpack(form, file.read(struct.calcsize(form)))[0])


def _text(file: BinaryIO) -> str:
    size = _number(file, "<H")
    data = file.read(size)
    if len(data) != size or not data.endswith(b"\0"):
        raise WeightsError(f"no name ends at byte {file.tell()}")
    return data[:-1].decode("utf-8")


def _put(file: BinaryIO, text: str) -> None:
    data = text.encode("utf-8") + b"\0"
    file.write(struct.pack("<H", len(data)) + data)
