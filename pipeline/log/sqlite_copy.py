"""Copies an SQLite file whole while it is written to, and judges such a copy: the log's files, and the store's."""

from __future__ import annotations

import sqlite3
from pathlib import Path


class NoCopy(RuntimeError):
    """A database could not be copied or put back; says why and what to do."""


def copy_sqlite(source: Path, target: Path) -> None:
    """One consistent moment of an SQLite file, taken beside its writer, who need not wait. Raises NoCopy."""
    try:
        held = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=10.0)
        try:
            copy = sqlite3.connect(target)
            try:
                held.backup(copy)
            finally:
                copy.close()
        finally:
            held.close()
    except sqlite3.Error as error:
        raise NoCopy(f"{source}: {error}") from error


def fault_of_sqlite(file: Path) -> str:
    """What is wrong with the file's pages and indexes; "" when they are whole."""
    try:
        copy = sqlite3.connect(f"{file.absolute().as_uri()}?immutable=1", uri=True)
        try:
            told = str(copy.execute("PRAGMA integrity_check(1)").fetchone()[0])
        finally:
            copy.close()
    except sqlite3.Error as error:
        return str(error)
    return "" if told == "ok" else told
