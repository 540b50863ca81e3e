"""What the desk needs from outside: a store of views, decisions and pushed rows, and the feed of partials."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Literal, Protocol

import msgspec

from console.wire import Check
from schemas.commands import Actor, AnyCommand, Outcome
from schemas.desk import CallSummary, CallView, Partial, RoutingRow, TicketSummary, TicketView, TrendCell
from schemas.metrics import MetricName
from schemas.trends import EpisodeDetail, EpisodePage


class Unavailable(RuntimeError):
    """The store does not answer now; nothing was decided."""


class UserRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A sign-in account."""

    actor: Actor
    password_hash: str  # argon2
    active: bool = True


class PushRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a desk stream, as written in the transaction of the change it tells."""

    row: int  # rises over all streams: position of a tailing console
    stream: str  # "call:<id>", "agent:<user id>", "queue"
    epoch: str
    offset: int  # +1 within stream and epoch
    kind: str  # schemas.desk.Pushed.kind
    data: Any  # JSON-ready view
    at: float  # unix seconds of the causing event, for latency


class TicketQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Filters of the ticket list; empty = any. Times are UTC ISO, `until` exclusive."""

    state: str = ""
    kind: str = ""
    category: str = ""  # any level: covers all below
    district: str = ""
    unit: str = ""
    phone: str = ""
    text: str = ""
    since: str = ""
    until: str = ""
    synthetic: Literal["", "yes", "no"] = ""
    limit: int = 50  # ≤ 500
    cursor: str = ""


class TicketPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of tickets, newest first."""

    tickets: tuple[TicketSummary, ...]
    total: int
    next: str = ""  # cursor of the next page


class RoutingQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Filters of the routing audit."""

    changed: Literal["", "agreed", "changed", "overruled"] = ""
    unit: str = ""
    since: str = ""
    until: str = ""
    limit: int = 50
    cursor: str = ""


class RoutingPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of dispatches, newest first, and the counts over the whole filter."""

    rows: tuple[RoutingRow, ...]
    total: int
    agreed: int
    changed: int
    overruled: int
    next: str = ""


class TrendQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Time × district × category."""

    since: str
    until: str
    bucket: Literal["day", "week", "month"] = "month"
    district: str = ""
    category: str = ""  # counts are given for its children; empty = first level
    kind: str = ""


class EpisodeQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Filters of the episodes (苗头)."""

    severity: Literal["", "ordinary", "hot", "urgent"] = ""
    ended: Literal["", "yes"] = ""  # also those that are over
    limit: int = 100  # ≤ 500


class TrendTable(msgspec.Struct, frozen=True, kw_only=True):
    """Counts; `category` of a cell is a child of the one asked for."""

    cells: tuple[TrendCell, ...]
    total: int
    synthetic: int  # how many of them belong to the made-up history


class DeskStore(Protocol):
    """Views, decisions and pushed rows. Every method raises Unavailable when the database does not answer."""

    # sign-in
    async def user_by_login(self, login: str) -> UserRecord | None: ...
    async def open_session(self, user: str, token_hash: str, expires: datetime, now: datetime) -> None: ...
    async def session(self, token_hash: str, now: datetime) -> Actor | None:
        """Actor of a live session with current role; None when closed, expired or the user inactive."""

    async def close_session(self, token_hash: str) -> None: ...

    # views: what the actor may not see is None or left out
    async def calls(self, actor: Actor, limit: int = 100) -> list[CallSummary]:
        """Agent: own and waiting calls; supervisor: all. Live first, then newest."""

    async def call(self, actor: Actor, call: str) -> CallView | None: ...
    async def tickets(self, actor: Actor, query: TicketQuery) -> TicketPage: ...
    async def ticket(self, actor: Actor, ticket: str) -> TicketView | None: ...
    async def routing(self, actor: Actor, query: RoutingQuery) -> RoutingPage: ...
    async def trends(self, actor: Actor, query: TrendQuery) -> TrendTable: ...
    async def episodes(self, actor: Actor, query: EpisodeQuery) -> EpisodePage: ...
    async def episode(self, actor: Actor, episode: str) -> EpisodeDetail | None: ...

    # decisions: one transaction writes outcome, change, audit entry, pushed rows and outbox
    async def execute(self, actor: Actor, command: AnyCommand, now: datetime) -> Outcome: ...

    # desk streams
    def may_follow(self, actor: Actor, stream: str) -> bool:
        """Streams by name alone; `call:` streams are checked again by `call`."""

    async def position(self, stream: str) -> tuple[str, int]:
        """(epoch, newest offset) of a stream; offset 0 when it has no row yet."""

    async def rows_of(self, stream: str, epoch: str, offset: int, limit: int = 300) -> list[PushRow] | None:
        """Rows after `offset`; None when they can't be given whole (other epoch, too many, expired, ahead of ours)."""

    async def newest_row(self) -> int: ...
    async def rows_after(self, row: int, limit: int = 500) -> list[PushRow]:
        """Rows of all streams with row > `row`, in order: what a console tails."""

    async def wait_rows(self, row: int) -> None:
        """Returns as soon as a row beyond `row` may exist."""


class Observe(Protocol):
    """Takes a measurement: counters add `value`, histograms observe it, gauges take it."""

    def __call__(self, name: MetricName, value: float, **labels: str) -> None: ...


class Health(Protocol):
    """What operations watch, by name: ear, stages, log lag, disk, …"""

    async def __call__(self) -> dict[str, Check]: ...


class PartialFeed(Protocol):
    """Text still being spoken, from the log."""

    def follow(self) -> AsyncIterator[Partial]: ...
