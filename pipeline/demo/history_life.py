"""Demo history, what became of a ticket until today: signed for, handled, answered, sent elsewhere by a supervisor."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import msgspec

from console.decide_states import move
from console.decide_time import iso
from pipeline.demo.history_people import SUPERVISOR
from pipeline.store.people import user_id
from schemas.catalogue import Unit
from schemas.ticket import HistoryEntry, Ticket, TicketState

# state → what moved there, as people read it, and after how many hours at most
_PATH: tuple[tuple[TicketState, str, str, float], ...] = (
    ("in_progress", "signed", "{unit}签收", 20),
    ("pending_feedback", "handled", "{unit}已联系诉求人并现场核实", 96),
    ("reply_review", "replied", "{unit}提交办理结果", 40),
    ("pending_followup", "reviewed", "办理结果审核通过，待回访", 24),
    ("closed", "followed_up", "{followup}", 48),
)
_FOLLOWUPS = (
    "回访：已解决，满意",
    "回访：已解决，基本满意",
    "回访：未接通",
    "回访：部分解决，基本满意",
    "回访：未解决，不满意",
)
_CHOICE = (58, 18, 12, 8, 4)
_REASONS = ("该路段管养已移交", "属地已先期处置，由其牵头", "按职责分工应由该单位主办", "承办单位退单，理由成立")


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket as it stands today, and its lines of history."""

    ticket: Ticket
    routing: str
    history: tuple[HistoryEntry, ...]


def live(
    ticket: Ticket,
    agent: str,
    at: datetime,
    until: datetime,
    others: list[Unit],
    routing: str,
    dice: random.Random,
) -> Life:
    """Lets the ticket live from `at` to `until`, never beyond."""
    lines: list[HistoryEntry] = []

    def tell(when: datetime, who: str, role: str, action: str, text: str, **more: str) -> None:
        actor = user_id(f"synthetic:{who}")
        entry = HistoryEntry(
            seq=0, at=iso(when), actor=actor, actor_name=who, role=role, action=action, text=text, **more
        )
        lines.append(entry)

    tell(at, agent, "agent", "created", f"手工建单 {ticket.ticket_no}")
    if ticket.handling_mode != "forward":
        action, text = (
            ("answered", "当场答复，办结") if ticket.handling_mode == "direct" else ("told", "已告知办理渠道")
        )
        tell(at, agent, "agent", action, text)
        if (until - at).days > 60:
            ticket = msgspec.structs.replace(ticket, state=move(ticket.state, "archived"))
        return Life(ticket=ticket, routing=routing, history=tuple(lines))
    tell(at, agent, "agent", "dispatched", f"派往{ticket.lead_unit_name}，待签收", after=ticket.lead_unit)
    when = at
    if others and dice.random() < (0.12 if routing == "changed" else 0.012):
        when += timedelta(hours=dice.uniform(0.5, 9))
        if when < until:
            unit, reason = dice.choice(others), dice.choice(_REASONS)
            text = f"改派：{ticket.lead_unit_name} → {unit.short}"
            tell(
                when,
                SUPERVISOR,
                "supervisor",
                "overruled",
                text,
                before=ticket.lead_unit,
                after=unit.code,
                reason=reason,
            )
            lead = msgspec.structs.replace(ticket.fields["lead_unit"], value=unit.code, label=unit.short)
            ticket = msgspec.structs.replace(
                ticket,
                version=2,
                lead_unit=unit.code,
                lead_unit_name=unit.short,
                fields=ticket.fields | {"lead_unit": lead},
                updated_at=iso(when),
            )
            routing = "overruled"
    followup = dice.choices(_FOLLOWUPS, _CHOICE)[0]
    for state, action, text, hours in _PATH:
        when += timedelta(hours=dice.uniform(0.05, 1.0) * hours)
        if when >= until:
            break
        who, role = (
            (ticket.lead_unit_name, "department")
            if action in ("signed", "handled", "replied")
            else ("回访组", "followup")
        )
        tell(when, who, role, action, text.format(unit=ticket.lead_unit_name, followup=followup))
        ticket = msgspec.structs.replace(ticket, state=move(ticket.state, state), updated_at=iso(when))
    if ticket.state == "closed" and (until - when).days > 45:
        ticket = msgspec.structs.replace(ticket, state=move("closed", "archived"))
    return Life(ticket=ticket, routing=routing, history=tuple(lines))
