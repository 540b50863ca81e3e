"""From the address bar to a question: query parameters read strictly, with an error that names the parameter."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

import msgspec

MAX_LENGTH = 200  # characters of one value
MAX_ROWS = 500

T = TypeVar("T", bound=msgspec.Struct)


class BadQuery(ValueError):
    """A parameter is unknown, given twice, or has no value of its kind; the message names it."""


def read_query(kind: type[T], given: Iterable[tuple[str, str]]) -> T:
    """Parameters → query struct."""
    known = {field.encode_name for field in msgspec.structs.fields(kind)}
    values: dict[str, str] = {}
    for name, value in given:
        if name not in known:
            raise BadQuery(f"unknown parameter {name[:40]!r}; known: {', '.join(sorted(known))}")
        if name in values:
            raise BadQuery(f"parameter {name!r} is given twice")
        if len(value) > MAX_LENGTH or not value.isprintable():
            raise BadQuery(f"parameter {name!r} is longer than {MAX_LENGTH} characters or not printable")
        if value:
            values[name] = value
    try:
        query = msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise BadQuery(str(error)) from error
    for name in ("since", "until"):
        if value := getattr(query, name, ""):
            _time(name, value)
    limit = getattr(query, "limit", 1)
    if not 1 <= limit <= MAX_ROWS:
        raise BadQuery(f"parameter 'limit' is {limit}; allowed: 1 to {MAX_ROWS}")
    return query


def _time(name: str, value: str) -> None:
    try:
        at = datetime.fromisoformat(value)
    except ValueError as error:
        raise BadQuery(f"parameter {name!r} is no ISO 8601 time: {value[:40]!r}") from error
    if at.tzinfo is None and len(value) > len("2026-01-01"):
        raise BadQuery(f"parameter {name!r} has no time zone: {value[:40]!r}")
