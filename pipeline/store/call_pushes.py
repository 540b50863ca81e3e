"""Store: what the desk's streams are told when a call changes, written in the transaction of the change."""

from __future__ import annotations

from typing import Any

from console.decide_city import CityFacts
from pipeline.store.call_record import CallRecord, matter_view, suggestion_views
from pipeline.store.tables import calls, suggestions
from pipeline.store.tx import Tx, dumps
from schemas.desk import CallSummary, SuggestionView

QUEUE = "queue"
FLOOR = "floor"  # every call's summary, for supervisors
_RANK = {"normal": 0, "urgent": 1, "critical": 2}


def summary_of(record: CallRecord) -> CallSummary:
    """A call as a line of the call list."""
    risks = record.draft.risks if record.draft else ()
    told = [m.matter.fields for m in record.matters]
    urgencies = ["normal", *(r.urgency for r in risks), *(f["urgency"].value for f in told if "urgency" in f)]
    first = told[0] if told else {}
    shown = next((first[f].label or first[f].value for f in ("title", "category") if f in first), "")
    return CallSummary(
        id=record.id,
        state=record.state,  # type: ignore[arg-type]
        started_at=record.started_at,
        ended_at=record.ended_at,
        ani=record.ani,
        agent=record.agent,
        agent_name=record.agent_name,
        queue=record.queue,
        matters=len(record.matters),
        open_matters=sum(not m.matter.closed for m in record.matters),
        headline=shown,
        urgency=max(urgencies, key=lambda u: _RANK.get(u, 0)),
        risks=sum(r.urgency != "warning" for r in risks),
        assist=record.assist,
    )


def draft_data(record: CallRecord, city: CityFacts) -> dict[str, Any]:
    """Payload of a `draft` row: every matter as a person sees it, and the banner's risks."""
    return {
        "matters": [matter_view(m, city) for m in record.matters],
        "risks": record.draft.risks if record.draft else (),
        "assist": record.assist,
        "revision": record.draft.revision if record.draft else 0,
        "note": record.draft.note if record.draft else (),
        "feeling": record.draft.feeling if record.draft else None,
    }


def push_draft(tx: Tx, record: CallRecord, at: float) -> None:
    tx.push(f"call:{record.id}", "draft", draft_data(record, tx.house.facts), at)


def push_suggestions(tx: Tx, call: str, at: float) -> None:
    tell_suggestions(tx, call, suggestion_views(tx.connection, call), at)


def tell_suggestions(tx: Tx, call: str, views: tuple[SuggestionView, ...], at: float) -> None:
    tx.push(f"call:{call}", "suggestions", {"suggestions": views}, at)


def push_summary(tx: Tx, record: CallRecord, at: float, left: str | None = None) -> None:
    """Tells the lists that show this call, when its line reads differently. `left`: agent ("" = queue) it has left."""
    if tell_summary(tx, record, at, left):
        tx.run(calls.update().where(calls.c.id == record.id).values(summary=record.summary))


def tell_summary(tx: Tx, record: CallRecord, at: float, left: str | None = None) -> bool:
    """The same, but the line itself is left for the caller to write; says whether it reads differently."""
    summary = summary_of(record)
    text = dumps(summary)
    if text == record.summary:
        return False
    record.summary = text
    to = dict.fromkeys([desk_of(record.agent), FLOOR, f"call:{record.id}"])
    if left is not None and left != record.agent:
        to[desk_of(left)] = None
    tx.push_to(to, "call", summary, at)
    return True


def desk_of(agent: str) -> str:
    """Stream whose followers have the call on their list."""
    return f"agent:{agent}" if agent else QUEUE


def first_seen(tx: Tx, call: str, agent: str) -> None:
    """Suggestions that waited with the call are now before this agent's eyes."""
    tx.run(suggestions.update().where(suggestions.c.call == call, suggestions.c.shown_to == "").values(shown_to=agent))
