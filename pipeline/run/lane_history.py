"""A call's past on Kafka: the last hours of its lane, read when the lane is taken; what is older from the store."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from agents.offers import key_of
from agents.stage import Transient
from console.ports import Unavailable
from pipeline.log.kafka import KafkaLane
from pipeline.log.ports import LogUnavailable, Record
from pipeline.run.understanding import event_of
from pipeline.store.sql_store import SqlStore
from schemas import Event
from schemas.calls import CallHeard, CallStarted
from schemas.draft import SuggestionsOffered
from schemas.topics import CALLS, SUGGESTIONS

BACK_S = 6 * 3600.0  # no call is longer; a call that began before is known by its newest draft


class LaneHistory:
    """Keeps agents.ports.History for the calls of one lane, as long as the lane is held."""

    def __init__(self, lane: KafkaLane, store: SqlStore, now: Callable[[], float] = time.time) -> None:
        self._lane, self._store, self._now = lane, store, now
        self._live: dict[str, list[Event]] | None = None  # calls under way when the lane was taken
        self._offers: dict[str, dict[int, str]] | None = None  # call → seq → key of what was on offer by then

    async def events(self, call: str) -> Sequence[Event]:
        """Keeps agents.ports.History.

        A stage meets its lane's records in order, so whatever of a call lies before the first event it asks about
        lay there when the lane was taken.
        """
        try:
            if self._live is None:
                self._live = _under_way(await self._lane.since(CALLS, self._now() - BACK_S))
            if call in self._live:
                return self._live.pop(call)
            past = _by_call(await self._lane.since(CALLS, self._now() - BACK_S, call)).get(call, [])
        except LogUnavailable as error:
            raise Transient("the log does not answer") from error
        return past if past and isinstance(past[0].body, CallStarted) else ()

    async def snapshot(self, call: str) -> bytes:
        """Keeps agents.ports.History."""
        try:
            found = await self._store.snapshot(call)
        except Unavailable as error:
            raise Transient("the store does not answer") from error
        return found[1] if found else b""

    async def offered(self, call: str, before: int) -> str:
        """Keeps agents.ports.History; what was offered after the lane was taken, its stage knows itself."""
        try:
            if self._offers is None:
                self._offers = _offers(await self._lane.since(SUGGESTIONS, self._now() - BACK_S))
        except LogUnavailable as error:
            raise Transient("the log does not answer") from error
        offers = self._offers.pop(call, {})
        return offers.get(max((seq for seq in offers if seq < before), default=0), "")


def _under_way(records: Sequence[Record]) -> dict[str, list[Event]]:
    """Calls whose beginning is among the records and whose sound is not all heard."""
    return {
        call: events
        for call, events in _by_call(records).items()
        if isinstance(events[0].body, CallStarted) and not any(isinstance(e.body, CallHeard) for e in events)
    }


def _offers(records: Sequence[Record]) -> dict[str, dict[int, str]]:
    return {
        call: {e.body.seq: key_of(e.body.suggestions) for e in events if isinstance(e.body, SuggestionsOffered)}
        for call, events in _by_call(records).items()
    }


def _by_call(records: Sequence[Record]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = {}
    for record in records:
        event = event_of(record)
        if event is not None:
            found.setdefault(event.call, []).append(event)
    return found
