"""Desk decisions, a matter as a person sees it: machine proposals under human answers, its hash, and what it lacks."""

from __future__ import annotations

import msgspec

from console.decide_city import CityFacts
from console.decide_effects import Refusal
from console.decide_fields import check
from schemas.draft import FIELDS, DispatchProposal, FieldValue, Matter
from schemas.handoff import HandoffContent, hash_of_content
from schemas.ids import matter_id

REQUIRED = ("kind", "category", "title", "content")  # no ticket stands without them
REQUIRED_TOLD = ("title", "content")  # what lies outside the hotline's duty need not fit its categories

# the number is as the switch gave it, perhaps withheld; the rest is chosen anew in the confirming command
_NOT_CHECKED = ("calling_number", "handling_mode", "lead_unit", "co_units")


def with_number(fields: dict[str, FieldValue], ani: str) -> dict[str, FieldValue]:
    """The fields with the number the call came from, unless they say one already."""
    if not ani or "calling_number" in fields:
        return fields
    return fields | {"calling_number": FieldValue(value=ani, label=ani, confidence=1.0, origin="call")}


def empty_matter(id_: str, n: int, ani: str = "", utterances: tuple[str, ...] = ()) -> Matter:
    """A matter nobody has said anything of yet: the form a person can fill without any machine."""
    return Matter(
        id=id_,
        n=n,
        fields=with_number({}, ani),
        dispatch=DispatchProposal(step="abstain", abstained=True),
        missing=REQUIRED,
        utterances=utterances,
    )


def first_matter(call: str, ani: str) -> Matter:
    """The matter every call has before the machine says a word."""
    return empty_matter(matter_id(call, 0), 0, ani)


def lacks(fields: dict[str, FieldValue], field: str) -> bool:
    return field not in fields or not fields[field].value


def required(mode: str) -> tuple[str, ...]:
    """Fields a ticket handled this way can't do without."""
    return REQUIRED_TOLD if mode == "told" else REQUIRED


def mode_of(matter: Matter) -> str:
    """How the matter is to be handled as it stands; "" = not said."""
    return matter.fields["handling_mode"].value if "handling_mode" in matter.fields else ""


def effective(machine: Matter, human: dict[str, FieldValue]) -> Matter:
    """Human answers over machine proposals; what is missing follows from both."""
    told = {name: _with_hint(f, machine.fields.get(name)) for name, f in human.items()}
    fields = {name: f for name, f in {**machine.fields, **told}.items() if name in FIELDS}
    mode = fields["handling_mode"].value if "handling_mode" in fields else ""
    wanted = dict.fromkeys((*machine.missing, *required(mode)))
    missing = tuple(f for f in wanted if lacks(fields, f))
    return msgspec.structs.replace(machine, fields=fields, missing=missing, complete=not missing)


def _with_hint(human: FieldValue, machine: FieldValue | None) -> FieldValue:
    """A person's value with what the caller said otherwise since, when the machine has met the edit and heard so."""
    if machine is None or machine.origin != "human" or machine.value != human.value or not machine.choices:
        return human
    return msgspec.structs.replace(human, choices=machine.choices, evidence=machine.evidence, note=machine.note)


def content_of(matter: Matter) -> HandoffContent:
    """What a person confirms: every filled field as kept and as shown, and the unit proposed first."""
    first = matter.dispatch.candidates[0].unit if matter.dispatch.candidates else ""
    return HandoffContent(fields={name: (f.value, f.label) for name, f in matter.fields.items() if f.value}, unit=first)


def hash_of(matter: Matter) -> str:
    """Hash of what a person confirms."""
    return hash_of_content(content_of(matter))


def why_not(matter: Matter, city: CityFacts, mode: str = "") -> tuple[str, ...]:
    """What keeps it from being confirmed, in this mode or as it stands, in Chinese; empty when nothing does."""
    if matter.closed:
        return ("该诉求已办结",)
    reasons = []
    lacking = [FIELDS[f] for f in required(mode or mode_of(matter)) if lacks(matter.fields, f)]
    if lacking:
        reasons.append(f"请填写：{'、'.join(lacking)}")
    for name, field in matter.fields.items():
        if name in _NOT_CHECKED:
            continue
        try:
            check(name, field.value, field.label, city)
        except Refusal as refusal:
            reasons.append(refusal.message)
    return tuple(reasons)
