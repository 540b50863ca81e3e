"""Desk decisions on a hand-off: a supervisor has one that was given up tried again."""

from __future__ import annotations

from datetime import datetime

from console.decide_city import CityFacts
from console.decide_effects import Decision, HandoffRetried, Line, Refusal
from console.decide_known import Known
from schemas.commands import Actor, Outcome, RetryHandoff


def retry(command: RetryHandoff, actor: Actor, known: Known, city: CityFacts, now: datetime) -> Decision:
    """What was confirmed goes out as it was made, under the same id: nothing is decided anew."""
    ticket, handoff = known.ticket, known.handoff
    if ticket is None or handoff is None or handoff.ticket != ticket.id:
        raise Refusal("no_such_handoff", "没有这次送达")
    if not handoff.may_retry:
        raise Refusal("wrong_state", "工单已改派，以新版本为准" if handoff.superseded else "这次送达并未失败")
    return Decision(
        outcome=Outcome(
            command_id=command.command_id,
            status="ok",
            ticket=ticket.id,
            ticket_no=ticket.ticket_no,
            version=ticket.version,
        ),
        changes=(HandoffRetried(handoff=handoff.id),),
        lines=(
            Line(
                action="handoff_retried",
                text=f"重新送达（第{handoff.version}版）",
                call=ticket.call or "",
                matter=ticket.matter,
                ticket=ticket.id,
            ),
        ),
        action="retry_handoff",
        object=f"handoff:{handoff.id}",
        version=handoff.version,
        content_hash=ticket.confirmed_hash,
    )
