"""Reads a city pack from its folder, before the first call: every record typed, every error with its place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TypeVar

import msgspec

from schemas import catalogue
from schemas.catalogue import CityPack, Manifest, SlaPreset

CITIES = Path(__file__).resolve().parent.parent / "cities"
RECORDS: dict[str, type[catalogue.Entry]] = {
    "places": catalogue.Place,
    "units": catalogue.Unit,
    "categories": catalogue.Category,
    "duties": catalogue.DutyEntry,
    "calendar": catalogue.CalendarDay,
    "articles": catalogue.Article,
    "scripts": catalogue.Script,
    "emergencies": catalogue.EmergencyRule,
    "refusals": catalogue.RefusalRule,
    "tellings": catalogue.Telling,
    "perils": catalogue.Peril,
}
OPTIONAL = {"tellings", "perils"}  # a pack without them learns from its categories' and rules' examples alone
FIELD = re.compile(r"at `\$\.?(.+?)`|field `(.+?)`")

T = TypeVar("T")


class PackError(ValueError):
    """A pack that can't be read. Says in which file, on which line and in which field, as far as known."""

    def __init__(self, reason: str, file: str = "", line: int = 0, field: str = "") -> None:
        parts = (file, f"line {line}" if line else "", f"field {field}" if field else "")
        place = ", ".join(part for part in parts if part)
        super().__init__(f"{place}: {reason}" if place else reason)
        self.reason, self.file, self.line, self.field = reason, file, line, field


def shipped_cities() -> tuple[str, ...]:
    """Names of the packs that come with the house."""
    return tuple(sorted(path.parent.name for path in CITIES.glob("*/manifest.json")))


def city_dir(name: str) -> Path:
    """Folder of a shipped pack."""
    if name not in shipped_cities():
        raise PackError(f"no city pack named {name!r}; shipped: {', '.join(shipped_cities()) or 'none'}")
    return CITIES / name


def load_city(path: Path) -> CityPack:
    """The pack in folder `path`. What the records say of each other is proved by `check_city`, not here."""
    if not path.is_dir():
        raise PackError(f"{path} is not a folder")
    files = {name: (path / f"{name}.jsonl", kind) for name, kind in RECORDS.items()}
    records = {n: _lines(*given) for n, given in files.items() if n not in OPTIONAL or given[0].exists()}
    return CityPack(
        manifest=_document(path / "manifest.json", Manifest),
        sla=_document(path / "sla.json", tuple[SlaPreset, ...]),
        **records,  # type: ignore[arg-type]  # RECORDS pairs each name with its type
    )


def _lines(path: Path, kind: type[T]) -> tuple[T, ...]:
    decoder = msgspec.json.Decoder(kind)
    found = []
    for number, line in enumerate(_read(path).split(b"\n"), start=1):
        if line.strip():
            found.append(_decode(decoder, line, path.name, number))
    return tuple(found)


def _document(path: Path, kind: type[T]) -> T:
    return _decode(msgspec.json.Decoder(kind), _read(path), path.name)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes().removeprefix(b"\xef\xbb\xbf")  # some editors begin a file with a byte order mark
    except FileNotFoundError:
        raise PackError("the pack lacks this file", path.name) from None
    except OSError as error:
        raise PackError(f"can't be read: {error.strerror}", path.name) from error


def _decode(decoder: msgspec.json.Decoder[T], data: bytes, file: str, line: int = 0) -> T:
    try:
        return decoder.decode(data)
    except UnicodeDecodeError as error:
        raise PackError(f"not UTF-8 at byte {error.start}", file, line) from error
    except msgspec.DecodeError as error:  # ValidationError is one of them
        match = FIELD.search(str(error))
        field = next((group for group in match.groups() if group), "") if match else ""
        raise PackError(str(error), file, line, field) from error
