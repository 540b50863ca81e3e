"""What a folder of weights says of itself: its name, as utterance ids carry it, and whether it reads short windows."""

from __future__ import annotations

from pathlib import Path

import msgspec

WEIGHTS = "model.bin"
DECLARATION = "hotline.json"  # beside the weights, where a model is one of ours


class NoModel(ValueError):
    """A folder that holds no model we can use; says why."""


class Declaration(msgspec.Struct, frozen=True, kw_only=True):
    """What a model of ours says of itself. Other models have none."""

    name: str = ""
    revision: str = ""
    short_windows: bool = False


def declaration(folder: Path) -> Declaration:
    """The model's own words, or those of a stock model. Raises NoModel."""
    if not (folder / WEIGHTS).is_file():
        raise NoModel(f"{folder}: no CTranslate2 model there (no {WEIGHTS})")
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
