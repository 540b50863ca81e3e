"""What the stages ask of this process: a call's past from the log, earlier tickets from the store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from agents.city import City
from agents.offers import key_of
from agents.stage import Transient
from console.decide_time import iso
from console.ports import Unavailable
from pipeline.log.ports import LogReads, LogUnavailable, Record
from pipeline.store import earlier_tickets
from pipeline.store.return_counts import past_returns
from pipeline.store.sql_store import SqlStore
from routing.duplicates import FRESH, EarlierTicket
from routing.returns import Returns
from schemas import Event
from schemas.codec import BadEvent, decode
from schemas.draft import SuggestionsOffered
from schemas.topics import CALLS, SUGGESTIONS

MOST_EVENTS = 50_000  # of one call
ANSWER_S = 0.5  # for the store; a database that stands still must not hold up what is being said


class LoggedHistory:
    """A call's past is its own stream in the log, whole and in order: no snapshot is needed beside it."""

    def __init__(self, log: LogReads) -> None:
        self._log = log

    async def events(self, call: str) -> Sequence[Event]:
        """Keeps agents.ports.History."""
        try:
            records = await self._log.read_key(CALLS, call, limit=MOST_EVENTS)
        except LogUnavailable as error:
            raise Transient("the log does not answer") from error
        return [event for record in records if (event := event_of(record)) is not None]

    async def snapshot(self, call: str) -> bytes:
        """Keeps agents.ports.History."""
        return b""

    async def offered(self, call: str, before: int) -> str:
        """Keeps agents.ports.History."""
        try:
            records = await self._log.read_key(SUGGESTIONS, call, limit=MOST_EVENTS)
        except LogUnavailable as error:
            raise Transient("the log does not answer") from error
        return offer_before((event_of(record) for record in records), before)


async def learn_returns(city: City, store: SqlStore) -> None:
    """Tells the city which tickets came back until now; without an answer it goes by its rules alone."""
    try:
        past = await store.read(past_returns)
    except Unavailable:
        return
    city.returns = Returns(past) if past else None


def event_of(record: Record) -> Event | None:
    """None: no event; it was parked when the stage met it."""
    try:
        return decode(record.value)
    except BadEvent:
        return None


def offer_before(events: Iterable[Event | None], seq: int) -> str:
    """Of a call's suggestions, in order: the key of the newest before `seq`."""
    found = ""
    for event in events:
        if event is not None and isinstance(event.body, SuggestionsOffered) and event.body.seq < seq:
            found = key_of(event.body.suggestions)
    return found


class EarlierTickets:
    """Keeps agents.ports.Earlier over the store. A call under way waits for the answer no longer than ANSWER_S."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    async def by_phone(self, tenant: str, phone: str) -> Sequence[EarlierTicket]:
        """Tickets of this number, newest first."""
        return await self._read(lambda c: earlier_tickets.by_phone(c, tenant, phone))

    async def by_matter(self, tenant: str, category: str, place: str) -> Sequence[EarlierTicket]:
        """Tickets on the same matter at the same place, newest first."""
        since = iso(datetime.now(UTC) - FRESH)
        path = self._store.house.facts.category_path(category)
        kind = path[1] if len(path) > 1 else ""
        return await self._read(lambda c: earlier_tickets.by_matter(c, tenant, category, place, since, kind))

    async def _read(self, look: Callable[[Any], Sequence[EarlierTicket]]) -> Sequence[EarlierTicket]:
        try:
            return await asyncio.wait_for(self._store.read(look), ANSWER_S)
        except (Unavailable, TimeoutError) as error:
            raise Transient("the store does not answer") from error
