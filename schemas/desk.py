"""What the desk sees: views over HTTP, frames over the websocket. The page takes its TypeScript types from here."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from schemas.calls import GapFound
from schemas.draft import AlertRaised, Feeling, Matter, Risk, Sentence, Suggestion
from schemas.ticket import HistoryEntry, Ticket

CallState = Literal["ringing", "live", "ended", "heard"]
Degraded = Literal["ear_down", "ear_late", "model_missing", "stages_late", "disk_low", "parked", "handoff_stuck"]
HandoffState = Literal["held", "waiting", "delivered", "parked"]


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Base of views; every field is always present on the wire."""


class UtteranceView(View, frozen=True, kw_only=True):
    """One final utterance."""

    id: str
    leg: str
    start_s: float
    end_s: float
    text: str
    model: str
    logprob: float
    flags: tuple[str, ...] = ()
    corrected_by: str = ""


class MatterView(View, frozen=True, kw_only=True):
    """A matter as the person sees it: machine proposals under human answers."""

    matter: Matter
    version: int  # rises with every change of content
    content_hash: str
    may_confirm: bool
    why_not: tuple[str, ...] = ()  # Chinese sentences
    ticket: str = ""  # id, once confirmed
    ticket_no: str = ""


class SuggestionView(View, frozen=True, kw_only=True):
    """A suggestion and what became of it."""

    suggestion: Suggestion
    outcome: Literal["shown", "accepted", "edited", "rejected", "expired"] = "shown"
    shown_at: str = ""  # UTC ISO
    label: str = "人工智能生成"


class CallSummary(View, frozen=True, kw_only=True):
    """A line of the call list."""

    id: str
    state: CallState
    started_at: str  # UTC ISO
    ended_at: str = ""
    ani: str = ""
    agent: str = ""  # user id; "" = waiting
    agent_name: str = ""
    queue: str = ""
    matters: int = 0
    open_matters: int = 0
    headline: str = ""  # title of the first matter, or its category
    urgency: str = "normal"
    risks: int = 0
    assist: bool = True


class TicketSummary(View, frozen=True, kw_only=True):
    """A line of the ticket list."""

    id: str
    ticket_no: str
    state: str
    title: str
    kind: str
    category: str  # code
    category_name: str
    district: str
    lead_unit_name: str
    urgency: str
    created_at: str
    reply_due: str = ""
    confirmed_by: str = ""
    caller_name: str = ""
    synthetic: bool = False
    label: str = ""  # AI label of the ticket


class CallView(View, frozen=True, kw_only=True):
    """Everything of one call, and the position of its stream this view includes."""

    summary: CallSummary
    utterances: tuple[UtteranceView, ...]
    matters: tuple[MatterView, ...]
    risks: tuple[Risk, ...]
    suggestions: tuple[SuggestionView, ...]
    gaps: tuple[dict[str, Any], ...]  # GapFound as written
    history: tuple[HistoryEntry, ...]  # decisions on this call
    earlier: tuple[TicketSummary, ...]  # tickets of the same calling number
    degraded: tuple[Degraded, ...] = ()
    notice: str = ""  # UTC ISO of the notice; "" = not yet given
    note: tuple[Sentence, ...] = ()  # for whoever takes the call over
    feeling: Feeling | None = None
    epoch: str = ""
    offset: int = 0


class HandoffView(View, frozen=True, kw_only=True):
    """How far a version of a ticket is on its way to the city's ticket system."""

    id: str
    ticket: str
    version: int
    unit_name: str
    state: HandoffState
    at: str  # UTC ISO: delivered, given up, or last tried; "" = not tried yet
    tries: int
    next_at: str = ""  # UTC ISO of the next try, while waiting after a failed one
    receipt: str = ""  # the receiver's own number; "" = it gave none
    reason: str = ""  # of the last failure: closed set, pipeline/record/webhook_verdict.py
    status: int = 0  # HTTP, of the last answer; 0 = none came
    said: str = ""  # the receiver's own words on a refusal
    superseded: bool = False  # a later version exists
    may_retry: bool = False  # by a supervisor


class TicketView(View, frozen=True, kw_only=True):
    """A ticket with its whole history."""

    ticket: Ticket
    history: tuple[HistoryEntry, ...]
    utterances: tuple[UtteranceView, ...]
    handoffs: tuple[HandoffView, ...] = ()  # newest version first; empty in a house that hands nothing off


class RoutingRow(View, frozen=True, kw_only=True):
    """One dispatch in the supervisor's audit."""

    ticket: Ticket
    agreed: bool  # the person took the first proposal
    proposed: str  # unit name proposed first; "" = abstained
    overruled: bool
    list_version: str


class TrendCell(View, frozen=True, kw_only=True):
    """Tickets counted in one cell of time × district × category."""

    bucket: str  # e.g. "2026-11" or "2026-11-21"
    district: str
    category: str
    count: int


class Frame(msgspec.Struct, frozen=True, kw_only=True, tag_field="t"):
    """Base of frames from server to page."""


class Hello(Frame, frozen=True, kw_only=True, tag="hello"):
    """First frame: who you are and which streams you may follow."""

    user: str
    role: str
    streams: tuple[str, ...]
    now: str  # UTC ISO


class Recovered(Frame, frozen=True, kw_only=True, tag="recovered"):
    """Answer to resume: `recovered` = the missed rows follow; else take the snapshot over HTTP from `offset`."""

    stream: str
    recovered: bool
    epoch: str
    offset: int


class Pushed(Frame, frozen=True, kw_only=True, tag="pushed"):
    """One row of a stream: offset = last + 1, or resume again."""

    stream: str
    epoch: str
    offset: int
    kind: Literal["call", "utterance", "draft", "suggestions", "alert", "ticket", "decision", "gap", "degraded"]
    data: Any  # the view that changed


class Partial(Frame, frozen=True, kw_only=True, tag="partial"):
    """Text still being spoken; no offset, newest replaces older."""

    call: str
    leg: str
    segment: str
    rev: int
    start_s: float
    stable: str
    unstable: str


class Left(Frame, frozen=True, kw_only=True, tag="left"):
    """The page does not follow this stream (any more): no right to it, too many streams, or it asked to leave."""

    stream: str
    reason: Literal["forbidden", "too_many", "asked"]


class Beat(Frame, frozen=True, kw_only=True, tag="beat"):
    """Every 15 s: the line is alive, and where each followed stream stands. Nothing for 40 s: connect anew."""

    now: str  # UTC ISO
    offsets: dict[str, int]  # stream → newest offset sent on this socket


class Resume(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="t", tag="resume"):
    """Page → server: follow `stream` from this position (epoch "" = from a fresh snapshot)."""

    stream: str
    epoch: str = ""
    offset: int = 0


class Leave(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="t", tag="leave"):
    """Page → server: stop following a stream."""

    stream: str


class Authenticate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="t", tag="auth"):
    """Page → server, first message: the one-time ticket from POST /api/ws-ticket."""

    ticket: str


AnyFrame = Hello | Recovered | Pushed | Partial | Left | Beat
AnyRequest = Authenticate | Resume | Leave

CLOSE_CODES: dict[int, str] = {
    1001: "drain",
    1012: "restart",
    4008: "slow",
    4010: "position_lost",
    4012: "no_pong",
    4013: "too_many",
    4401: "expired",
    4403: "revoked",
}


class DraftData(View, frozen=True, kw_only=True):
    """`data` of a pushed row of kind "draft": all matters of the call as they stand."""

    matters: tuple[MatterView, ...]
    risks: tuple[Risk, ...]
    assist: bool
    revision: int
    note: tuple[Sentence, ...] = ()
    feeling: Feeling | None = None


class SuggestionsData(View, frozen=True, kw_only=True):
    """`data` of a pushed row of kind "suggestions": the whole list of the call."""

    suggestions: tuple[SuggestionView, ...]


class DegradedData(View, frozen=True, kw_only=True):
    """`data` of a pushed row of kind "degraded"."""

    flags: tuple[Degraded, ...]


PUSHED_DATA: dict[str, type] = {  # kind of a pushed row → what its `data` is
    "call": CallSummary,
    "utterance": UtteranceView,
    "draft": DraftData,
    "suggestions": SuggestionsData,
    "alert": AlertRaised,
    "ticket": TicketSummary,
    "decision": HistoryEntry,
    "gap": GapFound,
    "degraded": DegradedData,
}
