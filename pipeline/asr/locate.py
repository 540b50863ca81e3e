"""From the name in HOTLINE_ASR_MODEL to a folder with a CTranslate2 model, and from the folder to its card."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

WEIGHTS = "model.bin"
DECLARATION = "hotline.json"  # beside the weights, where a model is one of ours


class NoModel(ValueError):
    """No model under this name; says where it was sought."""


class Declaration(msgspec.Struct, frozen=True, kw_only=True):
    """What a model of ours says of itself. Other models have none."""

    name: str = ""
    revision: str = ""
    short_windows: bool = False


def locate(model: str, fetch: Callable[[str], Path] | None = None) -> Path:
    """A folder, a name our table of models knows, or a name on faster-whisper's hub → the folder. Raises NoModel."""
    folder = Path(model)
    if (folder / WEIGHTS).is_file():
        return folder
    if folder.is_absolute() or model.startswith("."):
        raise NoModel(f"{model}: no CTranslate2 model there (no {WEIGHTS})")
    if fetch is not None:
        return fetch(model)
    try:
        from faster_whisper.utils import download_model

        return Path(download_model(model))
    except Exception as error:
        raise NoModel(f"{model}: neither a folder nor reachable on the hub ({type(error).__name__})") from error


def declaration(folder: Path) -> Declaration:
    """The model's own words, or those of a stock model. Raises NoModel when they can't be read."""
    try:
        return msgspec.json.decode((folder / DECLARATION).read_bytes(), type=Declaration)
    except FileNotFoundError:
        return Declaration()
    except msgspec.DecodeError as error:
        raise NoModel(f"{folder / DECLARATION}: {error}") from error


def model_name(folder: Path) -> str:
    """Name and revision of the weights in a folder, as utterance ids carry them."""
    said = declaration(folder)
    name = said.name or folder.resolve().name
    return f"{name}@{said.revision}" if said.revision else name
