"""Who calls: said once in a call, the same in each of its matters."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from agents.extract.circumstances import confidential
from agents.extract.name_kept import NameKept
from agents.extract.persons import caller_name, gender
from agents.extract.phone import contact_phone
from agents.reading import Reading
from agents.required import asked_for
from schemas.draft import FieldValue


class Caller(msgspec.Struct, frozen=True):
    """What the whole call tells of whoever calls, and what he was asked for."""

    fields: dict[str, FieldValue | None]
    asked: frozenset[str]  # fields


def caller_of(call: Sequence[Reading], ani: str, area_code: str, name_kept: NameKept | None = None) -> Caller:
    """`call` are all readings, `ani` the calling number, empty where the switch hid it; `name_kept` hears
    whether he wants his name kept."""
    fields: dict[str, FieldValue | None] = {}
    if ani:
        fields["calling_number"] = FieldValue(value=ani, label=ani, confidence=1.0, origin="call")
    fields["contact_phone"] = contact_phone(call, ani, area_code)
    fields["caller_name"] = caller_name(call)
    fields["gender"] = gender(call)
    fields["confidential"] = confidential(call, name_kept)
    return Caller(fields, asked_for(call))
