"""The spool of a gateway: what was accepted while the brokers did not answer, on this machine's disk, in order."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import itertools
import os
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import structlog

from pipeline.log.ports import LogFull, LogUnavailable
from pipeline.log.spool_file import Entry, SpoolFile, packed

FILE_BYTES = 16 << 20  # a file of this size is followed by another
_log = structlog.get_logger("spool")


class Spool:
    """An entry whose append returned is read again after kill -9; bounded; a full disk refuses, and recovers.

    Entries come back in the order of their appends. What is said to be sent is forgotten; after a crash the newest of
    it may come once more.
    """

    def __init__(self, folder: Path, most: int, file_bytes: int = FILE_BYTES) -> None:
        """`most`: bytes held. Raises LogUnavailable when another process has the folder."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder, self._most, self._file_bytes = folder, most, file_bytes
        self._lock = _locked(folder)
        self._thread = ThreadPoolExecutor(1, "spool")
        self._waiting: list[tuple[bytes, int, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._handed = 0  # bytes not yet written
        self._sizes: deque[int] = deque()  # of entries read and not yet sent, bytes
        self._offset = 0  # in the first file: where the oldest unsent entry stands
        self._closed = False
        self.met: set[str] = set()  # keys of the entries an earlier life left
        self._files = self._recovered()
        self.pending = sum(file.count for file in self._files)  # entries not sent
        name, offset = self._mark()
        last = max([name, *(file.path.stem for file in self._files)])
        self._names = itertools.count(int(last) + 1)  # never one again that the mark speaks of
        self._skip_sent(name, offset)

    @property
    def size(self) -> int:
        """Bytes held."""
        return sum(file.size for file in self._files) - self._offset

    @property
    def is_empty(self) -> bool:
        """Nothing is held, and nothing is being written."""
        return not self.pending and not self._handed

    async def append(self, entries: Sequence[Entry]) -> None:
        """All of them or none. Raises LogFull or LogUnavailable."""
        if self._closed:
            raise LogUnavailable("the spool is closed")
        data = b"".join(packed(entry) for entry in entries)
        if self.size + self._handed + len(data) > self._most:
            raise LogFull(f"the spool holds {self.size} of {self._most} bytes; {len(data)} more don't fit")
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((data, len(entries), future))
        self._handed += len(data)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all(), name="spool")
        await asyncio.shield(future)

    async def read(self, limit: int = 500) -> list[Entry]:
        """The oldest entries not sent, at most `limit`; the same again until they are said to be sent."""
        self._sizes.clear()
        await self._forget_finished()
        if not self.pending:
            return []
        file, offset, whole = self._files[0], self._offset, self._files[0].size

        def look() -> list[tuple[Entry, int]]:
            found, at = [], offset
            for entry, length in file.entries(offset):
                at += length
                if at > whole:  # being written just now
                    break
                found.append((entry, length))
                if len(found) == limit:
                    break
            return found

        found = await asyncio.to_thread(look)
        self._sizes.extend(length for _, length in found)
        if not found and whole > offset:
            raise LogUnavailable(f"spool {file.path.name} cannot be read at byte {offset}")
        return [entry for entry, _ in found]

    async def sent(self, count: int) -> None:
        """The first `count` of the entries last read are with the brokers."""
        for _ in range(count):
            self._offset += self._sizes.popleft()
        self.pending -= count
        await self._forget_finished()
        mark = f"{self._files[0].path.stem} {self._offset}" if self._files else ""
        await asyncio.to_thread(self._note, mark)

    async def _forget_finished(self) -> None:
        gone: list[SpoolFile] = []
        while self._files and self._offset >= self._files[0].size and (len(self._files) > 1 or self._writing is None):
            gone.append(self._files.pop(0))
            self._offset = 0
        for file in gone:
            await asyncio.to_thread(file.forget)

    async def close(self) -> None:
        """Writes what was handed in."""
        self._closed = True
        while self._writing is not None:
            await asyncio.wait({self._writing})
        self._thread.shutdown()
        for file in self._files:
            file.close()
        self._lock.close()

    # -- writing

    async def _write_all(self) -> None:
        """Group commit: what gathers while the disk is busy is written in one go."""
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                data = b"".join(piece for piece, _, _ in batch)
                error: LogFull | LogUnavailable | None = None
                file = self._last()
                try:
                    await asyncio.get_running_loop().run_in_executor(self._thread, file.write, data)
                except (LogFull, LogUnavailable) as refused:
                    error = refused
                else:
                    count = sum(n for _, n, _ in batch)
                    file.size += len(data)
                    file.count += count
                    self.pending += count
                self._handed -= len(data)
                for _, _, future in batch:
                    if future.done():
                        continue
                    if error is None:
                        future.set_result(None)
                    else:
                        future.set_exception(type(error)(*error.args))
        finally:
            self._writing = None

    def _last(self) -> SpoolFile:
        if not self._files or self._files[-1].size >= self._file_bytes:
            self._files.append(SpoolFile(self._folder / f"{next(self._names):012d}.spool"))
        return self._files[-1]

    # -- from one life to the next

    def _recovered(self) -> list[SpoolFile]:
        files = [SpoolFile(path) for path in sorted(self._folder.glob("*.spool"))]
        for file in files:
            if torn := file.recover(self.met):
                _log.warning("an entry was torn and is cut off", file=file.path.name, bytes=torn)
        for file in (file for file in files if not file.count):
            file.forget()
        return [file for file in files if file.count]

    def _mark(self) -> tuple[str, int]:
        """Where the earlier life stood: name of the file, byte in it."""
        try:
            name, _, at = (self._folder / "sent").read_text("ascii").partition(" ")
            return f"{int(name):012d}", int(at)
        except (OSError, ValueError):
            return f"{0:012d}", 0

    def _skip_sent(self, name: str, offset: int) -> None:
        while self._files and self._files[0].path.stem < name:
            self.pending -= self._files[0].count
            self._files.pop(0).forget()
        if not self._files or self._files[0].path.stem != name:
            return
        for _, length in self._files[0].entries(0):
            if self._offset >= offset:
                break
            self._offset += length
            self.pending -= 1

    def _note(self, mark: str) -> None:
        with contextlib.suppress(OSError):  # a full disk: what was sent is met once more
            part = self._folder / "sent.part"
            part.write_text(mark, "ascii")
            os.replace(part, self._folder / "sent")


def _locked(folder: Path) -> IO[bytes]:
    lock = (folder / "writer.lock").open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise LogUnavailable(f"the spool in {folder} is in use by another process") from error
    return lock
