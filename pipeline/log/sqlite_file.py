"""One append-only SQLite file of the log: its schema, its transactions, its faults by name. Used by one thread."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Sequence
from itertools import takewhile
from pathlib import Path

from pipeline.log.ports import LogFull, LogUnavailable, Record

Row = tuple[int, str, bytes, bytes, float]  # offset, key, head, value, at

_FULL = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR_WRITE,  # what a full disk looks like on some file systems
    sqlite3.SQLITE_IOERR_SHMSIZE,  # no room left to grow the WAL's index
    sqlite3.SQLITE_IOERR_SHMMAP,
}
_READ = "SELECT offset, key, head, value, at FROM <topic> WHERE offset > ? ORDER BY offset LIMIT ?"
_READ_KEY = "SELECT offset, key, head, value, at FROM <topic> WHERE key = ? AND offset > ? ORDER BY offset LIMIT ?"
_READ_LAST = "SELECT offset, key, head, value, at FROM <topic> WHERE key = ? ORDER BY offset DESC LIMIT 1"
RESERVE = 64 << 20  # bytes
_CHUNK = 200  # rows deleted in one transaction, so that appends never wait long for retention


def _of(topic: str, sql: str) -> str:
    """`sql` for the topic's own table; the names come from schemas.topics, never from outside."""
    return sql.replace("<topic>", f'"topic_{topic}"')


class LogFile:
    """Rows are whole or absent, offsets rise by one, and nothing is reported written before it is on the disk."""

    def __init__(
        self,
        path: Path,
        topics: Iterable[str],
        *,
        page_size: int = 4096,  # bytes
        reserve: int = RESERVE,  # bytes left free on the disk: dropping old records needs room too
        busy_s: float = 2.0,  # seconds to wait for a lock held by another program
        max_pages: int | None = None,  # ceiling on the file's pages; None = the disk's own
    ) -> None:
        self.path = path
        self._topics = tuple(topics)
        self._reserve = reserve
        self._db = sqlite3.connect(path, isolation_level=None, timeout=busy_s, check_same_thread=False)
        with naming_faults(self.path):
            self._db.execute(f"PRAGMA page_size={page_size}")
            self._db.execute("PRAGMA auto_vacuum=INCREMENTAL")
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute("PRAGMA secure_delete=ON")  # what retention drops is overwritten, not only unlinked
            self._db.execute(f"PRAGMA journal_size_limit={64 << 20}")
            if max_pages is not None:
                self._db.execute(f"PRAGMA max_page_count={max_pages}")
            self._create()

    def _create(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        for topic in self._topics:
            self._db.execute(
                _of(
                    topic,
                    "CREATE TABLE IF NOT EXISTS <topic> (offset INTEGER PRIMARY KEY, key TEXT NOT NULL,"
                    " head BLOB NOT NULL, value BLOB NOT NULL, at REAL NOT NULL)",
                )
            )
            # an index entry carries the rowid, so this one is ordered by (key, offset)
            self._db.execute(_of(topic, f'CREATE INDEX IF NOT EXISTS "key_{topic}" ON <topic> (key)'))
        self._db.execute("CREATE TABLE IF NOT EXISTS dropped (topic TEXT PRIMARY KEY, upto INTEGER NOT NULL)")
        self._db.execute(
            'CREATE TABLE IF NOT EXISTS progress ("group" TEXT, topic TEXT, offset INTEGER NOT NULL,'
            ' PRIMARY KEY ("group", topic))'
        )
        self._db.execute("COMMIT")

    def ends(self) -> dict[str, int]:
        """Offset of the newest record ever written, by topic: retention never lets an offset be used again."""
        dropped: dict[str, int] = dict(self._db.execute("SELECT topic, upto FROM dropped"))
        ends = {}
        for topic in self._topics:
            (newest,) = self._db.execute(_of(topic, "SELECT max(offset) FROM <topic>")).fetchone()
            ends[topic] = max(newest or 0, dropped.get(topic, 0))
        return ends

    def progress(self) -> dict[tuple[str, str], int]:
        """(group, topic) → offset."""
        rows = self._db.execute('SELECT "group", topic, offset FROM progress')
        return {(group, topic): offset for group, topic, offset in rows}

    def write(self, rows: dict[str, list[Row]], progress: dict[tuple[str, str], int]) -> None:
        """Writes rows and group offsets in one transaction: when this returns they are on the disk."""
        if rows:
            self._look_for_space()
        with naming_faults(self.path), _transaction(self._db):
            for topic, of_topic in rows.items():
                self._db.executemany(
                    _of(topic, "INSERT INTO <topic> (offset, key, head, value, at) VALUES (?, ?, ?, ?, ?)"), of_topic
                )
            for (group, topic), offset in progress.items():
                self._db.execute("INSERT OR REPLACE INTO progress VALUES (?, ?, ?)", (group, topic, offset))

    def _look_for_space(self) -> None:
        disk = os.statvfs(self.path.parent)
        free = disk.f_bavail * disk.f_frsize
        if free < self._reserve:
            raise LogFull(
                f"no space left on the disk of {self.path}: {free} bytes free, {self._reserve} kept in reserve"
            )

    def drop_some(self, topic: str, unix_time: float) -> int:
        """Drops the oldest records older than `unix_time`, a bounded number of them; 0 when none is left."""
        with naming_faults(self.path):
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()  # makes room for what dropping writes
        with naming_faults(self.path), _transaction(self._db):
            rows = self._db.execute(
                _of(topic, "SELECT offset, at FROM <topic> ORDER BY offset LIMIT ?"), (_CHUNK,)
            ).fetchall()
            old = [offset for offset, at in takewhile(lambda row: row[1] < unix_time, rows)]
            if not old:
                return 0
            self._db.execute(_of(topic, "DELETE FROM <topic> WHERE offset <= ?"), (old[-1],))
            self._db.execute("INSERT OR REPLACE INTO dropped VALUES (?, ?)", (topic, old[-1]))
        with naming_faults(self.path):
            self._db.executescript("PRAGMA incremental_vacuum")  # `execute` would free one page only
        return len(old)

    def close(self) -> None:
        self._db.close()


class LogReader:
    """Reads one file beside its writer; sees only what was committed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=2.0, check_same_thread=False
        )

    def after(self, topic: str, offset: int, limit: int) -> list[Record]:
        return self._records(topic, _READ, (offset, limit))

    def of_key(self, topic: str, key: str, offset: int, limit: int) -> list[Record]:
        return self._records(topic, _READ_KEY, (key, offset, limit))

    def last(self, topic: str, key: str) -> Record | None:
        records = self._records(topic, _READ_LAST, (key,))
        return records[0] if records else None

    def newest(self, topic: str) -> int:
        """Offset of the newest record there; 0 when there is none."""
        with naming_faults(self._path):
            (found,) = self._db.execute(_of(topic, "SELECT max(offset) FROM <topic>")).fetchone()
        return int(found or 0)

    def progress(self) -> dict[tuple[str, str], int]:
        """(group, topic) → offset, where this file holds it."""
        with naming_faults(self._path):
            rows = self._db.execute('SELECT "group", topic, offset FROM progress').fetchall()
        return {(group, topic): offset for group, topic, offset in rows}

    def _records(self, topic: str, sql: str, values: Sequence[object]) -> list[Record]:
        with naming_faults(self._path):
            rows = self._db.execute(_of(topic, sql), values).fetchall()
        return [
            Record(topic=topic, offset=offset, key=key, head=head, value=value, at=at)
            for offset, key, head, value, at in rows
        ]

    def close(self) -> None:
        self._db.close()


class _transaction:
    """BEGIN IMMEDIATE … COMMIT, or nothing at all."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if error is None:
            try:
                self._db.execute("COMMIT")
            except sqlite3.Error:
                self._undo()
                raise
        else:
            self._undo()

    def _undo(self) -> None:
        if self._db.in_transaction:  # SQLite may have rolled back by itself
            self._db.execute("ROLLBACK")


class naming_faults:
    """Turns SQLite's errors into the log's own: LogFull when space is the matter, LogUnavailable for the rest."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, sqlite3.Error):
            code = getattr(error, "sqlite_errorcode", None)
            if code in _FULL:
                raise LogFull(f"no space left on the disk of {self._path}: {error}") from error
            raise LogUnavailable(f"{self._path.name}: {error}") from error
