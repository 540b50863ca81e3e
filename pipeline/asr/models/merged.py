"""The ear's models: makes the default one — stock Whisper with our adapter at a strength — out of what was fetched."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from pipeline.asr.models.adapter import Adapter, merge
from pipeline.asr.models.errors import ModelMissing
from pipeline.asr.models.fetch import sha256_of
from pipeline.asr.models.known import BASE, DEFAULT, table
from pipeline.asr.models.weights import Weights

DECLARATION = "hotline.json"
END_OF_TEXT = 50257  # token id, multilingual Whisper


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of an adapter beside its weights (`adapters/<name>.json`)."""

    name: str
    base: str
    sha256: str  # of the adapter's file
    strength: float  # recommended
    licence: str
    trained_on: str
    not_trained_on: str
    held_out_voices: tuple[str, ...]
    recipe: dict[str, Any]
    figures: dict[str, Any]


class MadeModel(msgspec.Struct, frozen=True, kw_only=True):
    """The declaration beside merged weights (`hotline.json`)."""

    name: str
    revision: str  # changes with adapter and strength
    short_windows: bool
    strength: float
    base_sha256: str
    adapter_sha256: str
    model_sha256: str
    bytes: int


def adapter_files() -> tuple[Path, Path]:
    """The committed adapter and its card."""
    folder = Path(str(resources.files("pipeline.asr").joinpath("adapters")))
    return folder / f"{DEFAULT}.npz", folder / f"{DEFAULT}.json"


@lru_cache(maxsize=1)
def card() -> Card:
    weights, path = adapter_files()
    if not (weights.is_file() and path.is_file()):
        raise ModelMissing(f"{DEFAULT}: the adapter is not part of this installation ({path.name} is missing)")
    return msgspec.json.decode(path.read_bytes(), type=Card)


def recommended(strength: float) -> float:
    """The asked strength; below zero means the one of the card."""
    return card().strength if strength < 0 else strength


def made_folder(models: Path, strength: float) -> Path:
    return models / f"{DEFAULT}-{card().sha256[:8]}-{strength:.2f}"


def made_faults(folder: Path, deep: bool = True) -> list[str]:
    """What is wrong with merged weights; empty = whole. `deep` reads every byte."""
    path = folder / DECLARATION
    try:
        made = msgspec.json.decode(path.read_bytes(), type=MadeModel)
    except FileNotFoundError:
        return [f"{folder.name} has not been made"]
    except msgspec.DecodeError as error:
        return [f"{folder.name}/{DECLARATION}: {error}"]
    model = folder / "model.bin"
    if not model.is_file() or model.stat().st_size != made.bytes:
        return [f"{folder.name}/model.bin is missing or cut off"]
    if deep and sha256_of(model) != made.model_sha256:
        return [f"{folder.name}/model.bin has been changed since it was merged"]
    needed = [file.name for file in _base().files if file.name != "model.bin"]
    return [f"{folder.name}/{name} is missing" for name in needed if not (folder / name).is_file()]


def make(models: Path, base: Path, strength: float) -> Path:
    """Merges into a new folder and puts it in place whole; seconds."""
    weights_file, _ = adapter_files()
    digest = sha256_of(weights_file)
    if digest != card().sha256:
        raise ModelMissing(
            f"{weights_file.name}: its SHA-256 is not the one of its card; restore it from the repository"
        )
    target = made_folder(models, strength)
    scratch = Path(tempfile.mkdtemp(dir=models, prefix=".merge-"))
    try:
        write_merged(base, weights_file, strength, scratch)
        os.chmod(scratch, 0o755)
        shutil.rmtree(target, ignore_errors=True)
        os.replace(scratch, target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return target


def write_merged(base: Path, adapter: Path, strength: float, out: Path) -> None:
    """Writes stock weights with an adapter at a strength into a folder, with the side files and the declaration."""
    merge(Weights.read(base / "model.bin"), Adapter.read(adapter), strength).write(out / "model.bin")
    copy_side_files(base, out, stock=strength == 0)
    digest = sha256_of(adapter)
    made = MadeModel(
        name=DEFAULT, revision=f"{digest[:8]}-{strength:.2f}", short_windows=strength > 0, strength=strength,
        base_sha256=next(file.sha256 for file in _base().files if file.name == "model.bin"), adapter_sha256=digest,
        model_sha256=sha256_of(out / "model.bin"), bytes=(out / "model.bin").stat().st_size,
    )  # fmt: skip
    (out / DECLARATION).write_bytes(msgspec.json.format(msgspec.json.encode(made), indent=1))


def copy_side_files(base: Path, target: Path, stock: bool = False) -> None:
    """Tokenizer, vocabulary and config. Unlike stock Whisper, ours may end a window at once: silence has no text."""
    for file in _base().files:
        if file.name not in ("model.bin", "config.json"):
            shutil.copyfile(base / file.name, target / file.name)
    if stock:
        shutil.copyfile(base / "config.json", target / "config.json")
        return
    config = json.loads((base / "config.json").read_text("utf-8"))
    config["suppress_ids_begin"] = [token for token in config.get("suppress_ids_begin", []) if token != END_OF_TEXT]
    (target / "config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")


def _base() -> Any:
    base = table().get(BASE)
    if base is None:
        raise ModelMissing(f"{BASE} is not in the table of models")
    return base
