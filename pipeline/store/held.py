"""Store, events on their way into the record: what the record has of everything one batch speaks of, read once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import BindParameter, Connection, bindparam, or_, select

from pipeline.store import people
from pipeline.store.call_record import CallRecord, load_parts, load_rows
from pipeline.store.call_rows import SuggestionRow, UtteranceRow
from pipeline.store.tables import alerts, dead, gaps, outbox, suggestions, utterances
from schemas import Event
from schemas import calls as facts
from schemas.commands import Actor
from schemas.draft import AlertRaised, DeadLettered, DraftUpdated, SuggestionsOffered

_ids: BindParameter[Any] = bindparam("ids", expanding=True)
_own = select(outbox.c.event).where(outbox.c.event.in_(_ids))
_utterances = select(utterances).where(utterances.c.id.in_(_ids))
_suggestions = select(suggestions).where(or_(suggestions.c.call.in_(_ids), suggestions.c.id.in_(_ids)))
_THERE = {
    facts.GapFound: select(gaps.c.event).where(gaps.c.event.in_(_ids)),
    AlertRaised: select(alerts.c.id).where(alerts.c.id.in_(_ids)),
    DeadLettered: select(dead.c.event).where(dead.c.event.in_(_ids)),
}
MOST = 1000  # values of one list in a query: databases take many, but not any number
_MACHINE = (facts.UtteranceHeard, DraftUpdated, SuggestionsOffered, AlertRaised)  # no person decides these
_BESIDE = (  # say nothing that a call's matters or its line depend on
    *(facts.UtteranceHeard, facts.UtteranceCorrected, facts.GapFound),
    *(SuggestionsOffered, AlertRaised, DeadLettered),
)


class Held(msgspec.Struct, kw_only=True):
    """The record as the batch finds it. Handlers change it as they go; nobody else can: the calls are locked."""

    own: set[str] = set()  # ids of events this store itself has sent out
    calls: dict[str, CallRecord] = {}
    utterances: dict[str, UtteranceRow] = {}
    suggestions: dict[str, SuggestionRow] = {}
    offered: dict[str, list[SuggestionRow]] = {}  # call → its suggestions
    there: set[str] = set()  # ids of gaps, alerts and dead letters on record
    people: dict[str, Actor] = {}  # login, extension or id → whom it means

    def suggest(self, row: SuggestionRow) -> None:
        self.suggestions[row.id] = row
        self.offered.setdefault(row.call, []).append(row)


def load(connection: Connection, events: Sequence[Event]) -> Held:
    """Takes the locks of all calls first, in the order of their ids, and reads then."""
    held = Held()
    maybe = [e.id for e in events if not isinstance(e.body, _MACHINE)]
    held.own.update(row.event for row in _among(connection, _own, maybe))
    news = [e for e in events if e.call and e.id not in held.own]
    for some in _slices(sorted({e.call for e in news})):
        held.calls |= load_rows(connection, some, lock=True)
    told = dict.fromkeys(e.call for e in news if not isinstance(e.body, _BESIDE))
    for some in _slices([call for call in told if call in held.calls]):
        load_parts(connection, [held.calls[call] for call in some])
    for row in _among(connection, _utterances, _named(news)):
        held.utterances[row.id] = UtteranceRow(**row._mapping)
    _load_suggestions(connection, held, news)
    for kind, query in _THERE.items():
        held.there.update(row[0] for row in _among(connection, query, [e.id for e in news if isinstance(e.body, kind)]))
    held.people = people.users_at(connection, _people(news))
    return held


def _load_suggestions(connection: Connection, held: Held, news: Sequence[Event]) -> None:
    """All of the calls that get an offer or an agent, and those offered anew."""
    changed = [e for e in news if isinstance(e.body, SuggestionsOffered | facts.AgentAssigned)]
    of = {e.call for e in changed if e.call in held.calls}
    ids = {s.id for e in changed if isinstance(e.body, SuggestionsOffered) for s in e.body.suggestions}
    for row in _among(connection, _suggestions, sorted(of | ids)):
        if row.id not in held.suggestions:
            held.suggest(SuggestionRow(**row._mapping))


def _named(news: Iterable[Event]) -> Iterator[str]:
    for event in news:
        body = event.body
        if isinstance(body, facts.UtteranceHeard | facts.UtteranceCorrected):
            yield body.utterance
        elif isinstance(body, SuggestionsOffered):
            yield from (offered.basis for offered in body.suggestions if offered.basis)


def _people(news: Iterable[Event]) -> Iterator[str]:
    for event in news:
        body = event.body
        if isinstance(body, facts.CallStarted | facts.AgentAssigned):
            yield body.agent or ""
        elif isinstance(body, facts.UtteranceCorrected):
            yield body.by


def _among(connection: Connection, query: Any, values: Iterable[str]) -> Iterator[Any]:
    for some in _slices(list(dict.fromkeys(values))):
        yield from connection.execute(query, {"ids": some})


def _slices(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), MOST):
        yield values[start : start + MOST]
