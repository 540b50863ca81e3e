"""One file of the spool: entries one after the other, each with its length and checksum."""

from __future__ import annotations

import contextlib
import errno
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from pipeline.log.ports import LogFull, LogUnavailable

_FRAME = struct.Struct("<II")  # length of the entry, CRC-32 of it; bytes
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_READ = 1 << 20  # bytes at once


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One record on its way to the brokers."""

    topic: str
    key: str
    value: bytes
    head: bytes
    at: float  # unix seconds at which it was accepted
    by: str  # the gateway that accepted it
    doubtful: bool = False  # it was handed to the brokers, who did not answer: it may be there


_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(Entry).decode


def packed(entry: Entry) -> bytes:
    """The entry as it stands in a file."""
    body = _pack(entry)
    return _FRAME.pack(len(body), zlib.crc32(body)) + body


class SpoolFile:
    """What was written is whole or not there: a write that fails, or was torn by a crash, is cut off."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0  # bytes of whole entries
        self.count = 0  # entries in it
        self._file: int | None = None

    def recover(self, keys: set[str]) -> int:
        """Counts what is whole, notes its keys, cuts off what is not whole; returns the bytes cut off."""
        for entry, length in self.entries(0):
            keys.add(entry.key)
            self.count += 1
            self.size += length
        torn = self.path.stat().st_size - self.size
        if torn:
            os.truncate(self.path, self.size)
        return torn

    def write(self, data: bytes) -> None:
        """Adds whole entries; on the disk when it returns. Raises LogFull or LogUnavailable."""
        try:
            if self._file is None:
                self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600)
                _sync_folder(self.path.parent)
            done = 0
            while done < len(data):
                done += os.pwrite(self._file, data[done:], self.size + done)
            os.fdatasync(self._file)
        except OSError as error:
            self._undo()
            if error.errno in _FULL:
                raise LogFull(f"no space left on the disk of {self.path.parent}") from error
            raise LogUnavailable(f"spool {self.path.name}: {error}") from error

    def entries(self, start: int) -> Iterator[tuple[Entry, int]]:
        """Whole entries from byte `start` on, each with its length in the file; ends where one is not whole."""
        with self.path.open("rb", buffering=_READ) as file:
            file.seek(start)
            while len(frame := file.read(_FRAME.size)) == _FRAME.size:
                length, check = _FRAME.unpack(frame)
                body = file.read(length)
                if len(body) < length or zlib.crc32(body) != check:
                    return
                try:
                    yield _unpack(body), _FRAME.size + length
                except msgspec.DecodeError:
                    return

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def forget(self) -> None:
        """Removes the file."""
        self.close()
        self.path.unlink(missing_ok=True)

    def _undo(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):  # what stays is written over by the next write
                os.ftruncate(self._file, self.size)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
