"""Store: reads of calls: the list, and everything of one."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, case, or_, select

from console.decide_city import CityFacts
from pipeline.store import history_rows
from pipeline.store.call_pushes import summary_of
from pipeline.store.call_record import load_call, matter_view, suggestion_views, utterance_views
from pipeline.store.sight import may_see_call
from pipeline.store.streams import position
from pipeline.store.tables import calls, degraded, gaps
from pipeline.store.ticket_queries import earlier
from schemas.commands import Actor
from schemas.desk import CallSummary, CallView, Degraded


def call_list(connection: Connection, actor: Actor, limit: int) -> list[CallSummary]:
    """Calls on the actor's list: live first, then newest."""
    live = case((calls.c.state.in_(("ringing", "live")), 0), else_=1)
    query = select(calls.c.id, calls.c.summary).order_by(live, calls.c.started_at.desc(), calls.c.id).limit(limit)
    if actor.role == "agent":
        query = query.where(or_(calls.c.agent == actor.user, calls.c.agent == ""))
    elif actor.role != "supervisor":
        return []
    return [msgspec.json.decode(row.summary, type=CallSummary) for row in connection.execute(query) if row.summary]


def call_view(connection: Connection, actor: Actor, call: str, city: CityFacts) -> CallView | None:
    """Everything of one call, as of one moment, and the position of its stream at that moment."""
    epoch, offset = position(connection, f"call:{call}")
    record = load_call(connection, call)
    if record is None or not may_see_call(actor, record.agent):
        return None
    lost = connection.scalars(select(gaps.c.body).where(gaps.c.call == call).order_by(gaps.c.at, gaps.c.event))
    return CallView(
        summary=summary_of(record),
        utterances=utterance_views(connection, call),
        matters=tuple(matter_view(m, city) for m in record.matters),
        risks=record.draft.risks if record.draft else (),
        suggestions=suggestion_views(connection, call),
        gaps=tuple(msgspec.json.decode(body) for body in lost),
        history=history_rows.of_call(connection, call),
        earlier=earlier(connection, record.ani, call),
        degraded=flags_of(connection, call, record.parked),
        notice=record.notice_at,
        note=record.draft.note if record.draft else (),
        feeling=record.draft.feeling if record.draft else None,
        epoch=epoch,
        offset=offset,
    )


def flags_of(connection: Connection, call: str, parked: bool) -> tuple[Degraded, ...]:
    """What is not as it should be, for this call or the whole house."""
    query = select(degraded.c.flag).where(degraded.c.call.in_(("", call))).order_by(degraded.c.at)
    flags = [*connection.scalars(query), *(["parked"] if parked else [])]
    return tuple(dict.fromkeys(flags))
