"""How well the fields come out: drafts against reference fields, per field, with n and intervals. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from routing.figures import Figure, mean, proportion
from schemas.draft import DraftUpdated, Matter

EXACT = ("kind", "category", "gender", "urgency", "contact_phone", "district", "street", "community", "lead_unit")
SPOKEN = ("caller_name", "incident_place", "respondent", "event_time", "amount", "title")  # judged by likeness
SAME = 0.8  # share of characters in common from which two spoken values count as the same
_NOISE = re.compile(r"[\s，。、,.（）()]")


class FieldFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One field over all calls."""

    precision: Figure  # of the values filled, those that are right
    recall: Figure  # of the values wanted, those that came
    likeness: Figure  # mean share of characters in common, where both have a value


class FieldsReport(msgspec.Struct, frozen=True, kw_only=True):
    """All fields over all calls."""

    calls: int
    matters: int
    matters_right: Figure  # calls whose number of matters is right
    complete: Figure  # matters that came out complete
    dispatch_top1: Figure
    dispatch_top3: Figure
    fields: dict[str, FieldFigures]


def evaluate_fields(pairs: Iterable[tuple[DraftUpdated, Sequence[Mapping[str, str]]]]) -> FieldsReport:
    """Each draft beside its reference: one mapping of field → value per matter, in the order of the call.

    A reference may give codes or labels; a field it does not name is not judged, one it names as "" must stay empty.
    """
    pairs = list(pairs)
    judged: dict[str, list[tuple[str, str, float]]] = {}
    right = complete = matters = first = near = sent = 0
    for draft, wanted in pairs:
        right += len(draft.matters) == len(wanted)
        for n, reference in enumerate(wanted):
            matter = draft.matters[n] if n < len(draft.matters) else None
            matters += 1
            complete += bool(matter and matter.complete)
            for field, value in reference.items():
                judged.setdefault(field, []).append(_judge(field, value, matter))
            if unit := reference.get("lead_unit"):
                named = [(c.unit, c.name) for c in matter.dispatch.candidates] if matter else []
                sent += 1
                first += bool(named) and unit in named[0]
                near += any(unit in names for names in named)
    return FieldsReport(
        calls=len(pairs),
        matters=matters,
        matters_right=proportion(right, len(pairs)),
        complete=proportion(complete, matters),
        dispatch_top1=proportion(first, sent),
        dispatch_top3=proportion(near, sent),
        fields={name: _figures(found) for name, found in sorted(judged.items())},
    )


def as_json(report: FieldsReport) -> dict[str, Any]:
    """The report as plain values."""
    plain: dict[str, Any] = msgspec.to_builtins(report)
    return plain


def _judge(field: str, wanted: str, matter: Matter | None) -> tuple[str, str, float]:
    """Wanted, found, and how alike (1 = the same)."""
    value = matter.fields.get(field) if matter else None
    if value is None or not value.value:
        return wanted, "", 0.0
    if field in SPOKEN:
        return wanted, value.value, max(alike(wanted, value.value), alike(wanted, value.label))
    path = value.label.split(" > ")
    same = wanted in (value.value, value.label, path[-1], value.value.split("/")[0])
    return wanted, value.value, 1.0 if same else 0.0


def _figures(found: Sequence[tuple[str, str, float]]) -> FieldFigures:
    good = [w for w, f, likeness in found if w and f and likeness >= SAME]
    return FieldFigures(
        precision=proportion(len(good), sum(bool(f) for _, f, _ in found)),
        recall=proportion(len(good), sum(bool(w) for w, _, _ in found)),
        likeness=mean([likeness for w, f, likeness in found if w and f]),
    )


def alike(one: str, other: str) -> float:
    """Share of characters two values have in common, in order: 2 × longest common subsequence / both lengths."""
    one, other = _NOISE.sub("", one), _NOISE.sub("", other)
    if not one or not other:
        return 0.0
    row = [0] * (len(other) + 1)
    for a in one:
        before = 0
        for j, b in enumerate(other, start=1):
            before, row[j] = row[j], before + 1 if a == b else max(row[j], row[j - 1])
    return 2 * row[-1] / (len(one) + len(other))
