"""Articles on their way into a city pack, third step: one row becomes an article whose guide stands in its body."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import date

import msgspec

from routing.city.article_rows import SourceRow, Value
from routing.city.article_shapes import fits
from schemas.catalogue import GUIDE_LABELS as LABELS
from schemas.catalogue import Article, CityPack, GuideKind, GuidePart

LISTS = frozenset(("materials", "steps"))
PLAIN = (
    "id",
    "title",
    "body",
    "source",
    "unit",
    "categories",
    "questions",
    "owner",
    "region",
    "valid_from",
    "valid_to",
)
FIELDS = (*PLAIN, *LABELS)
LONGEST_BODY = 20_000  # characters
_NUMBER = re.compile(
    r"^\s*(?:[（(]?\d{1,2}[)）.、．]|[（(][一二三四五六七八九十]{1,3}[)）]|[一二三四五六七八九十]{1,3}、)\s*"
)
_BETWEEN = re.compile(r"[；;\n]+")


class BadRow(ValueError):
    """A row no article can be made of."""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for every row that does not say otherwise."""

    source: str = ""
    unit: str = ""
    owner: str = ""
    region: str = ""
    categories: tuple[str, ...] = ()
    valid_from: date
    prefix: str = "s-"


class Names:
    """Units and places of the pack by every name they go by."""

    def __init__(self, pack: CityPack) -> None:
        self._units = {n: u.code for u in pack.units for n in (*u.aliases, u.short, u.name, u.code)}
        self._places = {n: p.code for p in pack.places for n in (*p.aliases, p.name, p.code)}

    def unit(self, name: str) -> str:
        """Code of a unit; "" for a name the pack does not know."""
        return self._units.get(name, "")

    def place(self, name: str) -> str:
        """Code of a place; "" for a name the pack does not know."""
        return self._places.get(name, "")


def article(row: SourceRow, columns: Mapping[str, str], given: Given, names: Names) -> tuple[Article, list[str]]:
    """The article of a row, version 1, and what was left out of it. Raises BadRow."""
    told = {field: value for field in FIELDS if (value := _cell(row, columns.get(field, "")))}
    notes = []
    for field in [f for f in told if not fits(f, told[f])]:
        if field not in LABELS:
            raise BadRow(f"{field} does not look like one: {str(told[field])[:40]!r}")
        notes.append(f"{field} left out, it does not look like one: {str(told.pop(field))[:40]!r}")
    title = _line(told.get("title", ""))
    if not title:
        raise BadRow("no title")
    unit = _unit(told, given, names)
    region_name = _line(told.get("region", "")) or given.region
    region = names.place(region_name) if region_name else ""
    if region_name and not region:
        raise BadRow(f"region {region_name!r} is no place of the pack")
    guide = tuple(
        GuidePart(kind=kind, items=items) for kind in LABELS if kind in told and (items := _items(kind, told[kind]))
    )
    body = "\n\n".join(filter(None, (_whole(told.get("body", "")), _written(guide))))
    if not body:
        raise BadRow("neither a body nor any part of a guide")
    if len(body) > LONGEST_BODY:
        raise BadRow(f"a body of {len(body)} characters; at most {LONGEST_BODY}")
    source = _line(told.get("source", "")) or given.source
    if not source:
        raise BadRow("no source: it could not be cited (--source)")
    made = Article(
        id=_line(told.get("id", "")) or given.prefix + hashlib.sha256(f"{unit}\n{title}".encode()).hexdigest()[:12],
        version=1,
        title=title,
        body=body,
        source=source,
        unit=unit,
        categories=_many(told.get("categories", given.categories)),
        questions=_many(told.get("questions", ())),
        valid_from=_day(told.get("valid_from", ""), given.valid_from),
        valid_to=_day(told["valid_to"], given.valid_from) if "valid_to" in told else None,
        owner=_line(told.get("owner", "")) or given.owner,
        region=region,
        guide=guide,
    )
    return made, notes


def _unit(told: Mapping[str, Value], given: Given, names: Names) -> str:
    name = _line(told.get("unit", ""))
    unit = names.unit(name) if name else ""
    if not unit and given.unit:
        unit = names.unit(given.unit)
        name = given.unit
    if not unit:
        raise BadRow(f"unit {name!r} is none of the pack's" if name else "no unit")
    return unit


def _cell(row: SourceRow, column: str) -> Value:
    """A column's value; `a+b` joins two columns."""
    if "+" not in column or column in row.values:
        return row.values.get(column, "")
    return "".join(_line(row.values.get(part, "")) for part in column.split("+"))


def _items(kind: GuideKind, value: Value) -> tuple[str, ...]:
    parts = value if isinstance(value, tuple) else _BETWEEN.split(value) if kind in LISTS else (value,)
    label = LABELS[kind]
    tidy = (_NUMBER.sub("", _line(part)).removeprefix(f"{label}：").removeprefix(f"{label}:").strip() for part in parts)
    return tuple(dict.fromkeys(item for item in tidy if item))


def _written(guide: tuple[GuidePart, ...]) -> str:
    lines = []
    for part in guide:
        if part.kind in LISTS:
            lines.append(f"{LABELS[part.kind]}：")
            lines += [f"{n}. {item}" for n, item in enumerate(part.items, start=1)]
        else:
            lines.append(f"{LABELS[part.kind]}：{'；'.join(part.items)}")
    return "\n".join(lines)


def _many(value: Value) -> tuple[str, ...]:
    parts = value if isinstance(value, tuple) else re.split(r"[；;|\n]+", value)
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def _line(value: Value) -> str:
    text = "；".join(value) if isinstance(value, tuple) else value
    return re.sub(r"\s+", " ", text).strip()


def _whole(value: Value) -> str:
    text = "\n".join(value) if isinstance(value, tuple) else value
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _day(value: Value, otherwise: date) -> date:
    text = _line(value)
    if not text:
        return otherwise
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise BadRow(f"{text!r} is no day (year-month-day)") from error
