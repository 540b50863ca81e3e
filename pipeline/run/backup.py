"""`hotline backup`: everything a house must keep, as of one moment, with what it takes to prove it whole later."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import msgspec

from pipeline.log.sqlite_copy import NoCopy, copy_sqlite
from pipeline.run.opening import LOG
from pipeline.settings import Settings
from pipeline.store.audit import AuditHead
from pipeline.store.backup import counts, dump_postgres
from pipeline.store.looking import look

STORE, DUMP, MANIFEST, SEAL = "store.db", "store.pgdump", "manifest.json", "manifest.sha256"
KEYS = "keys"  # folder in home; goes apart from the data, or a restored call could be read after its key was dropped
LEFT_OUT = ("spool",)  # folders in home that only hold what is on its way
PASSING = (".lock", "-wal", "-shm", "-journal", ".part")  # ends of names of files that mean nothing by themselves


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One file."""

    path: str  # within the backup
    bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds. `manifest.sha256` holds the hash of its bytes."""

    format: int = 1
    made_at: datetime  # UTC
    version: str  # of the program
    log: str  # "embedded", or "kafka": the log is on the brokers, and not here
    revision: str  # of the tables
    epoch: str  # of the desks' streams, at the time
    heads: dict[str, AuditHead]  # tenant → end of its audit chain
    counts: dict[str, int]  # table → rows, when it was copied
    files: tuple[Entry, ...]
    keys: tuple[Entry, ...] = ()  # in a place of their own


def back_up(settings: Settings, into: Path, keys_into: Path | None = None) -> Manifest:
    """Writes a backup into a folder that is not there yet; the house may be at work. Raises NoCopy, OSError.

    The store is copied before the log: then nothing in the store lies ahead of the log it was made from.
    """
    home = settings.home.absolute()
    for folder in filter(None, (into, keys_into)):
        if folder.exists() and any(folder.iterdir()):
            raise NoCopy(f"{folder} is not empty: name a new folder")
        if folder.absolute().is_relative_to(home):
            raise NoCopy(f"{folder} lies inside {settings.home}: what is lost with the house is no backup of it")
    part = into.with_name(into.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(mode=0o700, parents=True)
    stored = _store(settings, part)
    seen = look(stored) if stored is not None else look(settings.database_url)
    if not settings.kafka:
        (part / LOG).mkdir()
        for name in ("events.db", "audio.db"):
            _copy(settings.home / LOG / name, part / LOG / name)
    for file in _others(settings.home):
        _copy(file, part / "home" / file.relative_to(settings.home))
    held = settings.home / KEYS
    if keys_into is not None and held.is_dir():
        for file in _files(held):
            _copy(file, keys_into / file.relative_to(held))
    manifest = Manifest(
        made_at=datetime.now(UTC),
        version=metadata.version("hotline-copilot"),
        log="kafka" if settings.kafka else "embedded",
        revision=seen.revision,
        epoch=seen.epoch,
        heads=seen.heads,
        counts=counts(stored if stored is not None else settings.database_url),
        files=tuple(entry(part, file) for file in _files(part)),
        keys=tuple(entry(keys_into, file) for file in _files(keys_into)) if keys_into and keys_into.is_dir() else (),
    )
    written = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    (part / MANIFEST).write_bytes(written)
    (part / SEAL).write_text(hashlib.sha256(written).hexdigest() + "\n", encoding="ascii")
    _to_disk(part)
    if into.exists():
        into.rmdir()
    part.rename(into)
    return manifest


def entry(folder: Path, file: Path) -> Entry:
    """The file as it is now."""
    with file.open("rb") as held:
        digest = hashlib.file_digest(held, "sha256").hexdigest()
    return Entry(path=file.relative_to(folder).as_posix(), bytes=file.stat().st_size, sha256=digest)


def _store(settings: Settings, part: Path) -> Path | None:
    """Copies the store; the copy's path, if it can be looked into."""
    if not settings.database_url.startswith("sqlite"):
        dump_postgres(settings.database_url, part / DUMP)
        return None
    _copy(settings.home / STORE, part / STORE)
    return part / STORE


def _others(home: Path) -> Iterator[Path]:
    """What lies in home besides store, log and keys, and is to be kept."""
    for file in _files(home):
        top = file.relative_to(home).parts[0]
        if top not in (LOG, KEYS, *LEFT_OUT) and file != home / STORE and not file.name.endswith(PASSING):
            yield file


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


def _copy(source: Path, target: Path) -> None:
    if not source.exists():
        raise NoCopy(f"there is no {source}: is HOTLINE_HOME the house's?")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if source.suffix == ".db":
        copy_sqlite(source, target)
    else:
        shutil.copyfile(source, target)
    target.chmod(0o600)


def _to_disk(folder: Path) -> None:
    for path in [*_files(folder), folder]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
