"""Articles on their way into a city pack, first step: a file's rows, each with the line it stands on."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

Value = str | tuple[str, ...]
_FRONT = re.compile(r"([\w.-]+)\s*[:：]\s*(.*)")
_HEAD = re.compile(r"(#{1,2})\s+(.+)")
NOTHING = frozenset(("", "无", "暂无", "没有", "null", "none", "None", "-", "—", "/"))


class BadFile(ValueError):
    """A file no rows can be read from; names file and line."""


class SourceRow(msgspec.Struct, frozen=True):
    """One row of a source: what each column says, empty ones left out."""

    line: int
    values: dict[str, Value]


def read_rows(path: Path) -> list[SourceRow]:
    """Rows of a .csv, .jsonl or .md file. Raises BadFile."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile(f"{path}: not UTF-8 at byte {error.start}") from error
    readers = {".csv": _csv, ".jsonl": _jsonl, ".ndjson": _jsonl, ".md": _markdown, ".markdown": _markdown}
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise BadFile(f"{path}: a file of articles ends in .csv, .jsonl or .md")
    found = list(reader(path, text))
    if not found:
        raise BadFile(f"{path}: no rows")
    return found


def _csv(path: Path, text: str) -> Iterator[SourceRow]:
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    try:
        head = [name.strip() for name in next(reader, [])]
        if len(set(head)) != len(head):
            raise BadFile(f"{path}, line 1: two columns of one name")
        at = reader.line_num
        for cells in reader:
            line, at = at + 1, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(head):
                raise BadFile(f"{path}, line {line}: {len(cells)} cells under {len(head)} columns")
            yield SourceRow(line, _told(dict(zip(head, cells, strict=True))))
    except csv.Error as error:
        raise BadFile(f"{path}, line {reader.line_num}: {error}") from error


def _jsonl(path: Path, text: str) -> Iterator[SourceRow]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = msgspec.json.decode(line, type=dict[str, object])
        except msgspec.DecodeError as error:
            raise BadFile(f"{path}, line {number}: {error}") from error
        yield SourceRow(number, _told(row))


def _markdown(path: Path, text: str) -> Iterator[SourceRow]:
    """One article per heading of the first level; `name: value` lines under it are columns, the rest is the body."""
    row: dict[str, object] = {}
    body: list[str] = []
    start, fenced, heading = 0, False, ""
    for number, line in enumerate(text.split("\n"), start=1):
        if line.startswith("```"):
            fenced = not fenced
        head = None if fenced else _HEAD.fullmatch(line.strip())
        if head and head[1] == "#":
            if row:
                yield SourceRow(start, _told({**row, "body": "\n".join(body).strip()}))
            row, body, start, heading = {"title": head[2].strip()}, [], number, ""
        elif not row:
            if line.strip():
                raise BadFile(f"{path}, line {number}: words before the first heading (# …)")
        elif head:
            heading = head[2].strip()
            body.append(f"{heading}：")
        elif not body and not heading and (front := _FRONT.fullmatch(line.strip())) and front[1].isascii():
            row[front[1]] = front[2].strip()
        elif line.strip() or body:
            body.append(re.sub(r"^\s*[-*+]\s+", "", line.rstrip()))
    if row:
        yield SourceRow(start, _told({**row, "body": "\n".join(body).strip()}))


def _told(row: dict[str, object]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, cell in row.items():
        if isinstance(cell, list | tuple):
            many = tuple(item for one in cell if (item := _plain(one)) not in NOTHING)
            if many:
                found[name] = many
        elif (one := _plain(cell)) not in NOTHING:
            found[name] = one
    return found


def _plain(cell: object) -> str:
    if cell is None:
        return ""
    text = cell if isinstance(cell, str) else msgspec.json.encode(cell).decode()
    text = "".join(c for c in text.replace("\r\n", "\n").replace("\r", "\n") if c == "\n" or c.isprintable())
    return text.strip()
