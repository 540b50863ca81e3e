"""Desk decisions, the way a ticket goes: whether it may, what the person chose beside the proposal, its limits."""

from __future__ import annotations

from datetime import datetime

from console.decide_city import CityFacts, SlaAsk
from console.decide_effects import Refusal
from console.decide_fields import MODE_NAMES, check, unit_name
from console.decide_known import KnownMatter
from schemas.draft import FIELDS, DispatchProposal, FieldValue, SlaView


def said(fields: dict[str, FieldValue], name: str) -> str:
    return fields[name].value if name in fields else ""


def may_go(
    mode: str,
    lead: str,
    co: tuple[str, ...],
    fields: dict[str, FieldValue],
    proposal: DispatchProposal | None,
    city: CityFacts,
) -> None:
    """Whether the way of handling fits: 转办 needs a unit, 直办 an answer, 告知 what was told."""
    if mode == "forward":
        if not lead:
            raise Refusal("missing_unit", "转办需要选定主办单位")
        for code in (lead, *co):
            unit_name(code, city)
        if lead in co or len(set(co)) != len(co):
            raise Refusal("bad_units", "主办、协办单位不能重复")
        return
    if lead or co:
        raise Refusal("bad_units", f"{MODE_NAMES[mode]}的工单不派给单位")
    told = proposal.channel if proposal is not None and mode == "told" else ""
    if not said(fields, "answer") and not told:
        raise Refusal("missing_answer", f"{MODE_NAMES[mode]}需要填写{FIELDS['answer']}")


def with_choice(
    fields: dict[str, FieldValue], mode: str, lead: str, co: tuple[str, ...], city: CityFacts
) -> dict[str, FieldValue]:
    """Fields with the way of handling and units as the person chose them; an agreed proposal keeps its reasons."""
    chosen = {"handling_mode": mode, "lead_unit": lead, "co_units": ",".join(co)}
    kept = dict(fields)
    for name, value in chosen.items():
        if not value:
            kept.pop(name, None)
        elif said(fields, name) != value:
            _, label = check(name, value, "", city)
            kept[name] = FieldValue(value=value, label=label, confidence=1.0, origin="human")
    return kept


def overwritten(held: KnownMatter, lead: str, mode: str) -> dict[str, str]:
    """Field → what the machine proposed, wherever the person decided otherwise."""
    proposed = {name: f.value for name, f in held.machine.items() if f.value and f.origin in ("rule", "model")}
    proposed |= {name: value for name, value in held.proposed.items() if value}
    candidates = held.matter.dispatch.candidates
    if candidates:
        proposed["lead_unit"] = candidates[0].unit
    taken = {name: f.value for name, f in held.matter.fields.items()}
    taken |= {"lead_unit": lead, "handling_mode": mode}
    if mode != "forward":
        proposed.pop("co_units", None)
    return {name: value for name, value in proposed.items() if name in FIELDS and taken.get(name, "") != value}


def limits(city: CityFacts, fields: dict[str, FieldValue], unit: str, now: datetime) -> SlaView | None:
    if city.sla is None:
        return None
    ask = SlaAsk(
        kind=said(fields, "kind"),
        urgency=said(fields, "urgency") or "normal",
        category=said(fields, "category"),
        unit=unit,
        at=now,
    )
    return city.sla(ask)
