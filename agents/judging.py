"""Whether a field came out right: a draft's value beside the reference, each field by its own measure. Pure."""

from __future__ import annotations

import re
from datetime import datetime

from schemas.draft import FieldValue

SPOKEN = ("caller_name", "incident_place", "respondent", "event_time", "amount", "title")  # judged by likeness
SAME = 0.8  # share of characters in common from which two spoken values count as the same
HELD = 0.7  # share of a wish's characters that must stand in the value
NUMBERS = ("amount", "households")
_NOISE = re.compile(r"[\s，。、,.（）()]")
_BESIDE = re.compile(r"（[^）]*）")
_COMMUNITY = re.compile(r"(?<=街道|.镇|.乡)[\u4e00-\u9fa5]{1,5}?(?:社区|村)(?=.)")


def likeness(field: str, wanted: str, value: FieldValue) -> float:
    """1 = the same. Spoken fields give the share of characters in common, all others 0 or 1."""
    if field == "event_time" and "/" in wanted:
        return float(_begins_within(wanted, value.value))
    if field == "demand":
        return 1.0 if _held(wanted, value.value) >= HELD else 0.0
    if field in NUMBERS:
        return float(_figure(wanted) == _figure(value.value)) if field == "households" else _amount(wanted, value)
    if field in SPOKEN:
        return max(alike(wanted, value.value), alike(wanted, value.label))
    path = value.label.split(" > ")
    return float(wanted in (value.value, value.label, path[-1], value.value.split("/")[0]))


def same(field: str, wanted: str, value: FieldValue) -> bool:
    """Right enough to be sent out."""
    if field == "caller_name":
        return wanted == value.value or value.value.removesuffix("先生").removesuffix("女士") == wanted
    return likeness(field, wanted, value) >= SAME


def same_place(wanted: str, value: FieldValue) -> bool:
    """The whole address, character by character; a community inferred and a place beside it are left aside."""
    found = _NOISE.sub("", _BESIDE.sub("", value.value))
    wanted = _NOISE.sub("", wanted)
    return wanted in (found, _COMMUNITY.sub("", found))


def alike(one: str, other: str) -> float:
    """Share of characters two values have in common, in order: 2 × longest common subsequence / both lengths."""
    one, other = _NOISE.sub("", one), _NOISE.sub("", other)
    return 2 * _common(one, other) / (len(one) + len(other)) if one and other else 0.0


def _held(wanted: str, found: str) -> float:
    """Share of the wish that stands in what was found, in order."""
    wanted, found = _NOISE.sub("", wanted), _NOISE.sub("", found)
    return _common(wanted, found) / len(wanted) if wanted else 0.0


def _common(one: str, other: str) -> int:
    row = [0] * (len(other) + 1)
    for a in one:
        before = 0
        for j, b in enumerate(other, start=1):
            before, row[j] = row[j], before + 1 if a == b else max(row[j], row[j - 1])
    return row[-1]


def _begins_within(span: str, value: str) -> bool:
    """Whether a time (2026-11-20T15:00:00+08:00, with an end after "/", "R/" before what recurs) begins in a span."""
    first, last = (datetime.fromisoformat(part) for part in span.split("/"))
    try:
        begins = datetime.fromisoformat(value.removeprefix("R/").split("/")[0]).replace(tzinfo=None)
    except ValueError:
        return False
    return first <= begins <= last


def _figure(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _amount(wanted: str, value: FieldValue) -> float:
    """By value where both are figures, else by likeness of the words."""
    one, other = _figure(wanted), _figure(value.value)
    if one is not None and other is not None:
        return float(one == other)
    return max(alike(wanted, value.value), alike(wanted, value.label))
