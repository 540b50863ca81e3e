"""How well the fields come out: drafts against reference fields, per field, with n and intervals. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from agents.judging import SAME, alike, likeness, same, same_place
from routing.figures import Figure, mean, proportion
from routing.pooled import Pooled, pooled
from schemas.draft import FIELDS, DraftUpdated, Matter

__all__ = ["SAME", "FieldFigures", "FieldsReport", "Tried", "alike", "as_json", "evaluate_fields", "evaluate_tried"]


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """One call as it went: its drafts in time beside its reference."""

    draft: DraftUpdated  # the last one
    wanted: tuple[Mapping[str, str], ...]  # per matter: field → value
    trail: tuple[tuple[float, DraftUpdated], ...] = ()  # after each utterance: its end in seconds, the draft
    told: tuple[Mapping[str, float], ...] = ()  # per matter: field → when it had been said, seconds
    danger: str = ""  # life | calm
    alarmed: bool = False  # an alarm of danger to life was raised
    asked: bool = False  # the page had the agent ask whether a life is in danger


class FieldFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One field over all calls."""

    precision: Figure  # of the values filled, those that are right
    recall: Figure  # of the values wanted, those that came
    f1: Figure
    likeness: Figure  # mean share of characters in common, where both have a value
    wanted: int  # values


class FieldsReport(msgspec.Struct, frozen=True, kw_only=True):
    """All fields over all calls."""

    calls: int
    matters: int
    f1: Figure  # of all fields together
    precision: Figure
    recall: Figure
    place_exact: Figure  # whole addresses, to the character
    phone_exact: Figure
    matters_right: Figure  # calls whose number of matters is right
    split_right: Figure  # … of those with more than one matter
    complete: Figure  # matters that came out complete
    dispatch_top1: Figure
    dispatch_top3: Figure
    life_missed: Figure  # calls that tell of danger to life and brought neither an alarm nor a question to the agent
    life_unalarmed: Figure  # … and raised no alarm, whether or not the page had the agent ask
    false_alarms: Figure  # calls that tell of none and brought an alarm or a question
    alarms_in_vain: Figure  # … and raised an alarm
    seconds_to_fill: dict[str, float]  # after the words had been said: median, p95, share at once
    fields: dict[str, FieldFigures]


class _Judged(msgspec.Struct):
    """Counts of one call."""

    counts: dict[str, list[int]]  # field → right, found, wanted
    alike: list[tuple[str, float]]


def evaluate_fields(pairs: Iterable[tuple[DraftUpdated, Sequence[Mapping[str, str]]]]) -> FieldsReport:
    """Each draft beside its reference: one mapping of field → value per matter, in the order of the call."""
    return evaluate_tried([Tried(draft=draft, wanted=tuple(wanted)) for draft, wanted in pairs])


def evaluate_tried(tried: Sequence[Tried]) -> FieldsReport:
    """The figures of calls.

    A reference may give codes or labels; a field it does not name is not judged, one it names as "" must stay empty.
    """
    talks = [t for t in tried if not t.danger]
    judged = [_call(t) for t in talks]
    names = sorted({name for j in judged for name in j.counts})
    fields = {name: _field(name, judged) for name in names}
    whole = pooled([_sum(j.counts.values()) for j in judged])
    matters = [(m, w) for t in talks for m, w in _beside(t)]
    sent = [(m, w["lead_unit"]) for m, w in matters if w.get("lead_unit")]
    placed = [(m, w["incident_place"]) for m, w in matters if w.get("incident_place")]
    many = [t for t in talks if len(t.wanted) > 1]
    life, calm = ([t for t in tried if t.danger == sort] for sort in ("life", "calm"))
    phones = fields.get("contact_phone")
    return FieldsReport(
        calls=len(talks),
        matters=len(matters),
        f1=whole.f1,
        precision=whole.precision,
        recall=whole.recall,
        place_exact=proportion(sum(_placed(m, w) for m, w in placed), len(placed)),
        phone_exact=phones.recall if phones else proportion(0, 0),
        matters_right=proportion(sum(_split(t) for t in talks), len(talks)),
        split_right=proportion(sum(_split(t) for t in many), len(many)),
        complete=proportion(sum(bool(m and m.complete) for m, _ in matters), len(matters)),
        dispatch_top1=proportion(sum(unit in _units(m)[:1] for m, unit in sent), len(sent)),
        dispatch_top3=proportion(sum(unit in _units(m) for m, unit in sent), len(sent)),
        life_missed=proportion(sum(not (t.alarmed or t.asked) for t in life), len(life)),
        life_unalarmed=proportion(sum(not t.alarmed for t in life), len(life)),
        false_alarms=proportion(sum(t.alarmed or t.asked for t in calm), len(calm)),
        alarms_in_vain=proportion(sum(t.alarmed for t in calm), len(calm)),
        seconds_to_fill=_delays(talks),
        fields=fields,
    )


def as_json(report: FieldsReport) -> dict[str, Any]:
    """The report as plain values."""
    plain: dict[str, Any] = msgspec.to_builtins(report)
    return plain


def _beside(tried: Tried) -> list[tuple[Matter | None, Mapping[str, str]]]:
    found = tried.draft.matters
    return [(found[n] if n < len(found) else None, wanted) for n, wanted in enumerate(tried.wanted)]


def _call(tried: Tried) -> _Judged:
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    common: list[tuple[str, float]] = []
    for matter, reference in _beside(tried):
        for field, wanted in reference.items():
            if field not in FIELDS:
                continue
            value = matter.fields.get(field) if matter else None
            found = value is not None and bool(value.value)
            count = counts[field]
            count[1] += found
            count[2] += bool(wanted)
            if wanted and value is not None and found:
                count[0] += same(field, wanted, value)
                common.append((field, likeness(field, wanted, value)))
    return _Judged(dict(counts), common)


def _field(name: str, judged: Sequence[_Judged]) -> FieldFigures:
    counts = [j.counts[name] for j in judged if name in j.counts]
    figures: Pooled = pooled([(c[0], c[1], c[2]) for c in counts])
    return FieldFigures(
        precision=proportion(figures.right, figures.found),
        recall=proportion(figures.right, figures.wanted),
        f1=figures.f1,
        likeness=mean([value for j in judged for field, value in j.alike if field == name]),
        wanted=figures.wanted,
    )


def _sum(counts: Iterable[Sequence[int]]) -> tuple[int, int, int]:
    rows = list(counts)
    return sum(r[0] for r in rows), sum(r[1] for r in rows), sum(r[2] for r in rows)


def _split(tried: Tried) -> bool:
    return len(tried.draft.matters) == len(tried.wanted)


def _placed(matter: Matter | None, wanted: str) -> bool:
    value = matter.fields.get("incident_place") if matter else None
    return value is not None and same_place(wanted, value)


def _units(matter: Matter | None) -> list[str]:
    return [c.unit for c in matter.dispatch.candidates] if matter else []


def _delays(tried: Sequence[Tried]) -> dict[str, float]:
    """Seconds from a value's last word to the draft from which on it was there and right."""
    waited: list[float] = []
    for t in tried:
        for n, reference in enumerate(t.wanted[: len(t.told)]):
            for field, said in t.told[n].items():
                since = _right_since(t.trail, n, field, reference.get(field, ""))
                if since is not None:
                    waited.append(max(0.0, since - said))
    if not waited:
        return {}
    waited.sort()
    return {
        "median": round(waited[len(waited) // 2], 2),
        "p95": round(waited[min(len(waited) - 1, int(len(waited) * 0.95))], 2),
        "at_once": round(sum(w <= 0.5 for w in waited) / len(waited), 4),
        "n": len(waited),
    }


def _right_since(trail: Sequence[tuple[float, DraftUpdated]], n: int, field: str, wanted: str) -> float | None:
    since: float | None = None
    for end, draft in trail:
        value = draft.matters[n].fields.get(field) if n < len(draft.matters) else None
        right = bool(wanted) and value is not None and bool(value.value) and same(field, wanted, value)
        since = (end if since is None else since) if right else None
    return since
