"""Store: the state of record behind the desk's port. One writer thread, readers beside it, nothing half-written."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, select
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from console.decide_city import CityFacts
from console.decide_time import iso
from console.ports import (
    EpisodeQuery,
    PushRow,
    RoutingPage,
    RoutingQuery,
    TicketPage,
    TicketQuery,
    TrendQuery,
    TrendTable,
    Unavailable,
    UserRecord,
)
from pipeline.failpoint import passing
from pipeline.store import (
    audit,
    call_queries,
    commands,
    keeping,
    people,
    routing_queries,
    sight,
    streams,
    ticket_queries,
    trend_queries,
)
from pipeline.store.engines import BUSY_S, insert_absent, open_engine, url_of
from pipeline.store.listening import Listener, tell
from pipeline.store.migrate import migrate_engine
from pipeline.store.tables import meta
from pipeline.store.tx import House, Tx, newest_row
from pipeline.store.waiting import Bell
from schemas.commands import Actor, AnyCommand, Outcome, Role
from schemas.desk import CallSummary, CallView, Degraded, TicketView
from schemas.trends import EpisodeDetail, EpisodePage

T = TypeVar("T")
POLL_S = 0.5  # how often rows written by another process are looked for


class SqlStore:
    """Keeps console.ports.DeskStore. An answer that came back is on disk; Unavailable means: nothing was decided."""

    def __init__(
        self,
        where: str | Path,
        facts: CityFacts,
        *,
        key: bytes | None = None,
        readers: int = 3,
        busy_s: float = BUSY_S,
        poll_s: float = POLL_S,
    ) -> None:
        """Opens and migrates the database at a path or URL. `key`: of keyed hashes; None = made once, kept inside."""
        self.where = where
        self._engine = open_engine(where, write=True, busy_s=busy_s)
        self._read_engine = open_engine(where, write=False, size=readers, busy_s=busy_s)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="store-write")
        self._readers = ThreadPoolExecutor(readers, thread_name_prefix="store-read")
        self._poll_s = poll_s
        self._closed = False
        self._listener: Listener | None = None
        self.pushed = Bell()
        self.outbox = Bell()
        self._outbox_rung = 0
        self.handoffs = Bell()
        self._handoffs_rung = 0
        migrate_engine(self._engine)
        with self._engine.begin() as connection:
            fresh = [{"name": "epoch", "value": secrets.token_hex(8)}, {"name": "key", "value": secrets.token_hex(32)}]
            connection.execute(insert_absent(self._engine.dialect.name, meta), fresh)  # of many that start, the first
            kept = connection.scalar(select(meta.c.value).where(meta.c.name == "key"))
        self.house = House(facts=facts, key=key or bytes.fromhex(str(kept)))

    async def close(self) -> None:
        """Finishes what is under way and closes."""
        self._closed = True
        if self._listener is not None:
            await asyncio.to_thread(self._listener.close)
        await asyncio.to_thread(self._writer.shutdown)
        await asyncio.to_thread(self._readers.shutdown)
        self._engine.dispose()
        self._read_engine.dispose()

    # the two ways in

    async def write(self, act: Callable[[Tx], T]) -> T:
        """Runs `act` in one transaction on the writer's thread; its rows are told once it stands."""
        return await self._on(self._writer, self._transact, act)

    async def read(self, look: Callable[[Connection], T]) -> T:
        """Runs `look` on one consistent moment of the record, beside the writer."""
        return await self._on(self._readers, self._look, look)

    async def _on(
        self, pool: ThreadPoolExecutor, work: Callable[[Callable[[Any], T]], T], act: Callable[[Any], T]
    ) -> T:
        if self._closed:
            raise Unavailable("database: closed")
        return await asyncio.get_running_loop().run_in_executor(pool, work, act)

    def _transact(self, act: Callable[[Tx], T]) -> T:
        for attempt in (1, 2):
            try:
                with self._engine.begin() as connection:
                    tx = Tx(connection, self.house)
                    result = act(tx)
                    tx.flush()
                    tell(connection, tx.newest_row, tx.sent_out)
                break
            except IntegrityError:
                if attempt == 2:  # the first may be another process, one step ahead on the same id
                    raise
            except DataError as error:  # it can never be written, e.g. a text with a zero byte on PostgreSQL
                raise ValueError(_why(error)) from error
            except (DBAPIError, PoolTimeout) as error:
                raise Unavailable(_why(error)) from error
        if tx.newest_row:
            self.pushed.ring(tx.newest_row)
        if tx.sent_out:
            self._outbox_rung += 1
            self.outbox.ring(self._outbox_rung)
        if tx.handed_off:
            self._handoffs_rung += 1
            self.handoffs.ring(self._handoffs_rung)
        return result

    def _listen(self) -> None:
        """From the first who waits on: hears of other processes' commits, where the database tells of them."""
        if self._listener is None and self._engine.dialect.name == "postgresql" and not self._closed:
            self._listener = Listener(url_of(self.where), self._heard)

    def _heard(self, row: int, outbox: bool) -> None:
        if row:
            self.pushed.ring(row)
        if outbox:
            self._outbox_rung += 1
            self.outbox.ring(self._outbox_rung)

    def _look(self, look: Callable[[Connection], T]) -> T:
        try:
            with self._read_engine.begin() as connection:
                return look(connection)
        except (DBAPIError, PoolTimeout) as error:
            raise Unavailable(_why(error)) from error

    # sign-in

    async def ensure_user(
        self, login: str, name: str, role: Role, password_hash: str, extension: str = "", active: bool = True
    ) -> Actor:
        return await self.write(lambda tx: people.ensure_user(tx, login, name, role, password_hash, extension, active))

    async def user_by_login(self, login: str) -> UserRecord | None:
        return await self.read(lambda c: people.user_by_login(c, login))

    async def open_session(self, user: str, token_hash: str, expires: datetime, now: datetime) -> None:
        await self.write(lambda tx: people.open_session(tx, user, token_hash, expires, now))

    async def session(self, token_hash: str, now: datetime) -> Actor | None:
        return await self.read(lambda c: people.session(c, token_hash, now))

    async def close_session(self, token_hash: str) -> None:
        await self.write(lambda tx: people.close_session(tx, token_hash))

    # views

    async def calls(self, actor: Actor, limit: int = 100) -> list[CallSummary]:
        return await self.read(lambda c: call_queries.call_list(c, actor, limit))

    async def call(self, actor: Actor, call: str) -> CallView | None:
        return await self.read(lambda c: call_queries.call_view(c, actor, call, self.house.facts))

    async def tickets(self, actor: Actor, query: TicketQuery) -> TicketPage:
        if actor.role not in sight.TICKETS:
            return TicketPage(tickets=(), total=0)
        return await self.read(lambda c: ticket_queries.ticket_page(c, actor, query, self.house.facts))

    async def ticket(self, actor: Actor, ticket: str) -> TicketView | None:
        if actor.role not in sight.TICKETS:
            return None
        return await self.read(lambda c: ticket_queries.ticket_view(c, actor, ticket))

    async def routing(self, actor: Actor, query: RoutingQuery) -> RoutingPage:
        if actor.role not in sight.ROUTING:
            return RoutingPage(rows=(), total=0, agreed=0, changed=0, overruled=0)
        return await self.read(lambda c: routing_queries.routing_page(c, actor, query, self.house.facts))

    async def trends(self, actor: Actor, query: TrendQuery) -> TrendTable:
        if actor.role not in sight.TRENDS:
            return TrendTable(cells=(), total=0, synthetic=0)
        return await self.read(lambda c: routing_queries.trend_table(c, query, self.house.facts))

    async def episodes(self, actor: Actor, query: EpisodeQuery) -> EpisodePage:
        if actor.role not in sight.TRENDS:
            return EpisodePage(episodes=(), open=0, unseen=0)
        return await self.read(lambda c: trend_queries.episode_page(c, query))

    async def episode(self, actor: Actor, episode: str) -> EpisodeDetail | None:
        if actor.role not in sight.TRENDS:
            return None
        return await self.read(lambda c: trend_queries.episode(c, actor, episode))

    # decisions

    async def execute(self, actor: Actor, command: AnyCommand, now: datetime) -> Outcome:
        def decide(tx: Tx) -> Outcome:
            outcome = commands.execute(tx, actor, command, now)
            passing("decision.before_commit")
            return outcome

        outcome = await self.write(decide)
        passing("decision.after_commit")
        return outcome

    # desk streams

    def may_follow(self, actor: Actor, stream: str) -> bool:
        return sight.may_follow(actor, stream)

    async def position(self, stream: str) -> tuple[str, int]:
        return await self.read(lambda c: streams.position(c, stream))

    async def rows_of(self, stream: str, epoch: str, offset: int, limit: int = 300) -> list[PushRow] | None:
        return await self.read(lambda c: streams.rows_of(c, stream, epoch, offset, limit))

    async def newest_row(self) -> int:
        return await self.read(newest_row)

    async def rows_after(self, row: int, limit: int = 500) -> list[PushRow]:
        return await self.read(lambda c: streams.rows_after(c, row, limit))

    async def wait_rows(self, row: int) -> None:
        self._listen()
        while not await self.pushed.wait(row, self._poll_s):
            if await self.newest_row() > row:
                return

    # upkeep

    async def set_degraded(self, flag: Degraded, on: bool, now: datetime, call: str = "") -> None:
        """Raises or lowers a flag, for one call or ("") for the whole house; the desks concerned are told."""
        await self.write(lambda tx: keeping.set_degraded(tx, flag, on, now, call))

    async def prune(self, now: datetime) -> dict[str, int]:
        """Forgets what was only kept for a while: outcomes, pushed rows, sent outbox rows, old sessions."""
        return await self.write(lambda tx: keeping.prune(tx, now))

    async def verify_audit(self, head: audit.AuditHead | None = None) -> audit.AuditVerdict:
        """Walks the audit chain, against a head exported earlier when one is given."""
        return await self.read(lambda c: audit.verify(audit.entries(c, self.house.facts.tenant), head))

    async def export_audit_head(self, file: Path, now: datetime) -> audit.AuditHead:
        """Appends the chain's head to a file outside the database."""
        head = await self.read(lambda c: audit.head_of(c, self.house.facts.tenant, iso(now)))
        await asyncio.to_thread(audit.export_head, head, file)
        return head

    async def snapshot(self, call: str) -> tuple[int, bytes] | None:
        """Revision and fold state of a call's newest draft, for a restart of the understanding."""
        return await self.read(lambda c: keeping.snapshot(c, call))

    async def waiting_events(self, limit: int = 200) -> Sequence[keeping.Waiting]:
        """Outbox rows not yet in the log, oldest first."""
        return await self.read(lambda c: keeping.waiting_events(c, limit))

    async def wait_outbox(self, heard: int, at_most_s: float) -> None:
        """Returns when something has gone into the outbox beyond `outbox.newest` as `heard`, or the time has passed."""
        self._listen()
        await self.outbox.wait(heard, at_most_s)

    async def mark_sent(self, seqs: Sequence[int]) -> None:
        await self.write(lambda tx: keeping.mark_sent(tx, seqs))


def _why(error: Exception) -> str:
    """The driver's own words, without the statement and its values."""
    cause = getattr(error, "orig", None)
    return f"database: {type(cause).__name__ if cause else type(error).__name__}: {cause or 'no free connection'}"
