"""What the desk sees of trends (苗头): one episode of many callers on one matter, with its evidence."""

from __future__ import annotations

from typing import Literal

import msgspec

from schemas.desk import TicketSummary, View

Scope = Literal["place", "street", "city"]
Severity = Literal["ordinary", "hot", "urgent"]
SEVERITY_NAMES: dict[str, str] = {"ordinary": "普通", "hot": "热点", "urgent": "紧急"}


class EpisodeView(View, frozen=True, kw_only=True):
    """One episode as it stands. The watch makes it; a person acknowledges it."""

    id: str
    revision: int  # rises with each ticket that joins
    scope: Scope
    severity: Severity
    kind: str  # category code they share
    kind_name: str
    district: str  # code; "" = the whole city
    street: str  # code
    place: str  # code or words; "" = the whole street
    where: str  # as people read it
    title: str
    reason: str  # why it was raised, in words
    window: str  # "2h" | "24h" | "7d"
    callers: int  # distinct
    count: int  # tickets
    expected: float  # callers usual in that window there
    opened_at: str  # UTC ISO
    last_at: str  # of its newest ticket
    risen_at: str  # when the severity last rose
    closed: bool  # quiet for long enough
    synthetic: bool = False  # all its tickets belong to the made-up history
    seen_by: str = ""  # name of who acknowledged it
    seen_at: str = ""
    seen_severity: str = ""  # as it stood then
    note: str = ""


class EpisodeDetail(View, frozen=True, kw_only=True):
    """An episode with the tickets it rests on, newest first."""

    episode: EpisodeView
    tickets: tuple[TicketSummary, ...]


class EpisodePage(msgspec.Struct, frozen=True, kw_only=True):
    """Episodes: those going on first, the gravest first; then the ended ones, newest first."""

    episodes: tuple[EpisodeView, ...]
    open: int  # going on now
    unseen: int  # of these, not acknowledged at the severity they have
