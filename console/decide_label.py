"""Desk decisions, the label a ticket carries when a machine helped to write it (G04)."""

from __future__ import annotations

from datetime import datetime

from console.decide_city import CityFacts
from console.decide_time import local_minute
from schemas.draft import FieldValue

EXPLICIT = "人工智能辅助生成"
_CHOSEN = ("handling_mode", "lead_unit", "co_units", "calling_number")


def by_machine(field: FieldValue) -> bool:
    """Whether a machine's words stand in the field: proposed by it, or taken over from its suggestion."""
    return bool(field.value) and (field.origin in ("rule", "model") or (field.origin == "human" and field.stage != ""))


def ai_label(
    fields: dict[str, FieldValue], systems: tuple[str, ...], checked_by: str, at: datetime, city: CityFacts
) -> str:
    """Who generated, with which model and version, when, and who checked it; "" when all was written by hand."""
    written = [f for name, f in fields.items() if name not in _CHOSEN and by_machine(f)]
    if not written:
        return ""
    named = dict.fromkeys((*systems, *(f.stage for f in written if f.stage)))
    made_by = "、".join(named) or "热线副驾"
    return f"{EXPLICIT}（系统与模型：{made_by}；{local_minute(at, city.zone)}），{checked_by}核对确认"
