"""Store: how long each kind of row is kept, and who lets it go. Every table has its line; a test compares."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection, func, select

from pipeline.store.keeping import OUTBOX_KEPT, OUTCOMES_KEPT, PUSHED_KEPT
from pipeline.store.tables import metadata

FOR_GOOD = "until a person deletes it"
PRUNE = "the keeping part, every 10 min"
NOBODY = "nobody: this version deletes none of it"


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """Rows of one kind."""

    kind: str
    tables: tuple[str, ...]
    hours: float | None  # None = for good
    by: str
    per_minute: float = 0.0  # bytes per minute of a call, indexes included; measured with hotline's sample calls
    per_call: float = 0.0  # bytes per call
    at: str = ""  # column of the first table that tells its rows' age; "" = none does


def _hours(delta_s: float) -> float:
    return delta_s / 3600


STORE: tuple[Kept, ...] = (
    Kept(kind="calls and matters", tables=("calls", "matters", "field_edits", "gaps", "alerts", "dead", "degraded"),
         hours=None, by=NOBODY, per_call=2_700, at="started_at"),
    Kept(kind="words of calls", tables=("utterances",), hours=None, by=NOBODY, per_minute=3_500, at="heard_at"),
    Kept(kind="drafts, newest of each call", tables=("drafts",), hours=None, by=NOBODY, per_minute=13_300, at="at"),
    Kept(kind="suggestions and their outcome", tables=("suggestions",), hours=None, by=NOBODY, per_minute=5_900,
         at="shown_at"),
    Kept(kind="tickets and hand-offs", tables=("tickets", "handoffs"), hours=None,
         by=NOBODY, per_call=4_800, at="created_at"),
    Kept(kind="trends: episodes and what they rest on", hours=None, by=NOBODY, per_call=120,
         tables=("trend_episodes", "trend_tickets", "trend_feed", "trend_memory"), at="opened_at"),
    Kept(kind="history and decisions", tables=("history", "decisions"), hours=None, by=NOBODY, per_call=1_200, at="at"),
    Kept(kind="audit chain", tables=("audit",), hours=None, by="nobody, on purpose: 6 months at the least", at="at"),
    Kept(kind="answers to commands", tables=("command_outcomes",), hours=_hours(OUTCOMES_KEPT.total_seconds()),
         by=PRUNE, at="at"),
    Kept(kind="outbox, once sent", tables=("outbox",), hours=_hours(OUTBOX_KEPT.total_seconds()), by=PRUNE, at="at"),
    Kept(kind="rows pushed to desks", tables=("push",), hours=_hours(PUSHED_KEPT.total_seconds()), by=PRUNE,
         per_minute=38_000, at="at"),
    Kept(kind="sign-ins", tables=("sessions",), hours=24.0, by=PRUNE + ", at their end", at="opened_at"),
    Kept(kind="accounts and counters", tables=("users", "meta", "counters", "streams", "checkpoints"), hours=None,
         by=FOR_GOOD),
)  # fmt: skip


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What is there now."""

    rows: int
    oldest: float | str  # unix seconds or UTC ISO, as the column has it; "" = no row


def held(connection: Connection, tables: Iterable[str], at: str) -> Held:
    """Rows of the tables that exist, and the oldest of the first."""
    there = {table.name: table for table in metadata.sorted_tables}
    known = [there[name] for name in tables if name in there]
    rows = sum(int(connection.scalar(select(func.count()).select_from(table)) or 0) for table in known)
    column = known[0].c.get(at) if known and at else None
    oldest = connection.scalar(select(func.min(column))) if column is not None else None
    return Held(rows=rows, oldest=oldest if oldest is not None else "")
