"""Desk decisions on repeats: a person says that a matter is one of an earlier ticket, and it gets none of its own."""

from __future__ import annotations

from datetime import datetime

import msgspec

from console.decide_call import open_matter, own_call, stale
from console.decide_city import CityFacts
from console.decide_effects import Decision, Line, MatterDone, Refusal
from console.decide_known import Known
from console.decide_states import OPEN
from console.decide_way import said
from schemas import calls
from schemas.commands import Actor, LinkMatter, Outcome

NAMES = {"urge": ("urged", "催办"), "append": ("appended", "追加")}


def link(command: LinkMatter, actor: Actor, known: Known, city: CityFacts, now: datetime) -> Decision:
    """催办 or 追加 on the earlier ticket, with what the caller said. The caller is told of that ticket."""
    call = own_call(known, actor)
    held = open_matter(call, command.matter)
    if command.version != held.version:
        return stale(command.command_id, held, "内容已有更新，请看过最新内容后再操作")
    ticket = known.ticket
    if ticket is None:
        raise Refusal("no_such_ticket", "没有这张工单")
    if ticket.state not in OPEN:
        raise Refusal("wrong_state", "原工单已不在办理中，请另建工单并关联原工单")
    words = said(held.matter.fields, "content") or said(held.matter.fields, "title")
    if not words:
        raise Refusal("missing_fields", "请先填写诉求内容")
    action, name = NAMES[command.how]
    where = {"call": call.id, "matter": held.matter.id, "ticket": ticket.id}
    done = msgspec.structs.replace(held.matter, closed="merged")
    version = held.version + 1
    return Decision(
        outcome=Outcome(
            command_id=command.command_id,
            status="ok",
            matter=done.id,
            ticket=ticket.id,
            ticket_no=ticket.ticket_no,
            version=version,
        ),
        changes=(
            MatterDone(
                final=done,
                version=version,
                content_hash=held.content_hash,
                ticket=ticket.id,
                ticket_no=ticket.ticket_no,
            ),
        ),
        events=(calls.MatterClosed(matter=done.id, outcome="merged", by=actor.user, ticket=ticket.id),),
        lines=(Line(action=action, text=f"{name}：{words}", after=words, **where),),
        action="link_matter",
        object=f"ticket:{ticket.id}",
        version=ticket.version,
        content_hash=held.content_hash,
    )
