"""What a check of a city pack says: one thing wrong, where, in words."""

from __future__ import annotations

from typing import Literal

import msgspec

Severity = Literal["error", "warning"]


class Finding(msgspec.Struct, frozen=True):
    """One thing wrong with a pack. An error stops the pack from being used, a warning asks a person to look."""

    severity: Severity
    file: str  # e.g. "duties.jsonl"
    record: str  # id or code of the record; "" = the whole file
    message: str

    def __str__(self) -> str:
        where = f"{self.file} {self.record}".rstrip()
        return f"{self.severity}: {where}: {self.message}"


def error(file: str, record: str, message: str) -> Finding:
    return Finding("error", file, record, message)


def warning(file: str, record: str, message: str) -> Finding:
    return Finding("warning", file, record, message)
