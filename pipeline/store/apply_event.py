"""Store, one event of the log: what it changes in the record. Met twice, it changes nothing the second time."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import func, select

from console.decide_matter import hash_of
from console.decide_time import iso
from pipeline.store import people
from pipeline.store.apply_decision import put_matter
from pipeline.store.call_pushes import (
    desk_of,
    expire_suggestions,
    first_seen,
    push_draft,
    push_suggestions,
    push_summary,
)
from pipeline.store.call_record import CallRecord, load_call, utterance_view
from pipeline.store.keeping import push_flags
from pipeline.store.tables import alerts, calls, dead, drafts, gaps, matters, outbox, suggestions, utterances
from pipeline.store.tx import Tx, dumps
from schemas import Event
from schemas import calls as facts
from schemas.draft import AlertRaised, DeadLettered, DraftUpdated, Suggestion, SuggestionsOffered

_ORDER = {"ringing": 0, "live": 1, "ended": 2, "heard": 3}


class NotYet(ValueError):
    """An event that may not be recorded: the caller has not been told that an assistant listens (G06)."""


class Batch:
    """Events of one transaction, and the calls they touched."""

    def __init__(self, tx: Tx) -> None:
        self.tx = tx
        self.touched: dict[str, tuple[float, str | None]] = {}  # call → (time of the newest event, desk it left)
        self.own: set[str] = set()  # ids of events this store itself has sent out

    def touch(self, event: Event, left: str | None = None) -> None:
        _, before = self.touched.get(event.call, (0.0, None))
        self.touched[event.call] = (event.at.timestamp(), before if before is not None else left)

    def knows(self, events: Sequence[Event]) -> None:
        """Learns which of the events are echoes of decisions already in the record."""
        ids = [e.id for e in events]
        for start in range(0, len(ids), 400):
            found = self.tx.run(select(outbox.c.event).where(outbox.c.event.in_(ids[start : start + 400])))
            self.own.update(row.event for row in found)

    def apply(self, event: Event) -> None:
        """Writes what the event says. Raises ValueError for what can't be recorded."""
        if event.id in self.own or event.body.TYPE == facts.PartialHeard.TYPE:
            return
        if not event.call:
            raise ValueError(f"event {event.id} ({event.type}) names no call")
        if not isinstance(event.body, facts.CallStarted | DeadLettered):
            self.ensure_call(event)
        _record(event.body, event, self)

    def ensure_call(self, event: Event) -> None:
        """A row for a call whose start has not been met yet: drafts may overtake it."""
        if event.call in self.touched or self.tx.run(select(calls.c.id).where(calls.c.id == event.call)).first():
            return
        self.tx.run(calls.insert().values(**_stub(event)))
        self.touch(event)

    def finish(self) -> None:
        """Tells the lists of every call that now reads differently."""
        for call, (at, left) in self.touched.items():
            record = load_call(self.tx.connection, call)
            if record is not None:
                push_summary(self.tx, record, at, left)


def _stub(event: Event) -> dict[str, Any]:
    return {
        "id": event.call,
        "tenant": event.tenant,
        "state": "ringing",
        "started_at": iso(event.at),
        "ended_at": "",
        "notice_at": "",
        "ani": "",
        "dnis": "",
        "queue": "",
        "agent": "",
        "agent_name": "",
        "assist": True,
        "parked": False,
        "summary": "",
    }


def _move(batch: Batch, event: Event, to: str, **also: Any) -> None:
    """A call's state only goes forward."""
    tx = batch.tx
    held = tx.connection.scalar(select(calls.c.state).where(calls.c.id == event.call)) or "ringing"
    state = to if _ORDER[to] > _ORDER[held] else held
    tx.run(calls.update().where(calls.c.id == event.call).values(state=state, **also))
    batch.touch(event)


@functools.singledispatch
def _record(body: Any, event: Event, batch: Batch) -> None:
    """Bodies the record has no place for pass by: newer programs may speak of more."""


@_record.register
def _(body: facts.CallStarted, event: Event, batch: Batch) -> None:
    tx = batch.tx
    held = tx.run(select(calls.c.id, calls.c.agent).where(calls.c.id == event.call)).first()
    said = {
        "started_at": iso(event.at),
        "ani": body.ani[:40],
        "dnis": body.dnis[:40],
        "queue": body.queue[:80],
    }
    if not held or not held.agent:
        person = people.user_at(tx.connection, body.agent) if body.agent else None
        if person is not None:
            said |= {"agent": person.user, "agent_name": person.name}
    if held:
        stood = load_call(tx.connection, event.call, lock=True)
        tx.run(calls.update().where(calls.c.id == event.call).values(**said))
        if stood is not None and stood.draft is not None:  # a draft overtook the start: its matters learn the number
            if _restate(tx, event.call, stood):
                _push_draft(tx, event)
    else:
        tx.run(calls.insert().values(**(_stub(event) | said)))
    batch.touch(event)


@_record.register
def _(body: facts.NoticeGiven, event: Event, batch: Batch) -> None:
    _move(batch, event, "live")
    unset = (calls.c.id == event.call, calls.c.notice_at == "")
    batch.tx.run(calls.update().where(*unset).values(notice_at=iso(event.at)))


@_record.register
def _(body: facts.CallEnded, event: Event, batch: Batch) -> None:
    _move(batch, event, "ended", ended_at=iso(event.at))


@_record.register
def _(body: facts.CallHeard, event: Event, batch: Batch) -> None:
    _move(batch, event, "heard")


@_record.register
def _(body: facts.GapFound, event: Event, batch: Batch) -> None:
    tx = batch.tx
    if tx.run(select(gaps.c.event).where(gaps.c.event == event.id)).first():
        return
    tx.run(gaps.insert().values(event=event.id, call=event.call, body=dumps(body), at=iso(event.at)))
    tx.push(f"call:{event.call}", "gap", body, event.at.timestamp())


@_record.register
def _(body: facts.UtteranceHeard, event: Event, batch: Batch) -> None:
    tx = batch.tx
    if not tx.connection.scalar(select(calls.c.notice_at).where(calls.c.id == event.call)):
        raise NotYet(f"utterance {body.utterance} was heard before the caller was told")
    if tx.run(select(utterances.c.id).where(utterances.c.id == body.utterance)).first():
        return
    tx.run(
        utterances.insert().values(
            id=body.utterance,
            call=event.call,
            leg=body.leg,
            start_s=body.start_s,
            end_s=body.end_s,
            text=body.text,
            raw=body.raw,
            model=body.model[:200],
            logprob=body.logprob,
            flags=dumps(body.flags),
            corrected_by="",
            heard_at=iso(event.at),
        )
    )
    _push_utterance(tx, event, body.utterance)


@_record.register
def _(body: facts.UtteranceCorrected, event: Event, batch: Batch) -> None:
    tx = batch.tx
    person = people.user_at(tx.connection, body.by)
    done = tx.run(
        utterances.update()
        .where(utterances.c.id == body.utterance, utterances.c.call == event.call, utterances.c.text != body.text)
        .values(text=body.text, corrected_by=person.name if person else body.by[:80])
    )
    if done.rowcount:
        _push_utterance(tx, event, body.utterance)


def _push_utterance(tx: Tx, event: Event, utterance: str) -> None:
    row = tx.run(utterances.select().where(utterances.c.id == utterance)).one()
    tx.push(f"call:{event.call}", "utterance", utterance_view(row), event.at.timestamp())


@_record.register
def _(body: facts.AssistSwitched, event: Event, batch: Batch) -> None:
    batch.tx.run(calls.update().where(calls.c.id == event.call).values(assist=body.on))
    batch.touch(event)
    _push_draft(batch.tx, event)


@_record.register
def _(body: facts.AgentAssigned, event: Event, batch: Batch) -> None:
    tx = batch.tx
    person = people.user_at(tx.connection, body.agent)
    before = tx.connection.scalar(select(calls.c.agent).where(calls.c.id == event.call)) or ""
    if person is None or before == person.user:
        return
    tx.run(calls.update().where(calls.c.id == event.call).values(agent=person.user, agent_name=person.name))
    first_seen(tx, event.call, person.user)
    batch.touch(event, left=before)


@_record.register
def _(body: DraftUpdated, event: Event, batch: Batch) -> None:
    tx = batch.tx
    record = load_call(tx.connection, event.call, lock=True)
    assert record is not None
    if record.draft is not None and record.draft.revision >= body.revision:
        return
    said = {
        "revision": body.revision,
        "body": dumps(msgspec.structs.replace(body, snapshot=b"")),
        "snapshot": body.snapshot,
        "at": iso(event.at),
    }
    if record.draft is None:
        tx.run(drafts.insert().values(call=event.call, **said))
    else:
        tx.run(drafts.update().where(drafts.c.call == event.call).values(**said))
    _restate(tx, event.call, record)
    _push_draft(tx, event)
    batch.touch(event)


def _restate(tx: Tx, call: str, before: CallRecord) -> bool:
    """Gives every open matter whose content now differs its next version; says whether there was one."""
    restated = False
    stood = {m.matter.id: m for m in before.matters}
    now = load_call(tx.connection, call)
    assert now is not None
    rows = set(tx.connection.scalars(select(matters.c.id).where(matters.c.call == call)))
    for known in now.matters:
        matter = known.matter
        if matter.closed:
            continue
        digest, held = hash_of(matter), stood.get(matter.id)
        version = held.version + (held.content_hash != digest) if held else 1
        if matter.id not in rows or (version, digest) != (known.version, known.content_hash):
            put_matter(tx, call, matter.id, matter.n, version=version, content_hash=digest)
            restated = True
    return restated


def _push_draft(tx: Tx, event: Event) -> None:
    record = load_call(tx.connection, event.call)
    if record is not None:
        push_draft(tx, record, event.at.timestamp())


@_record.register
def _(body: SuggestionsOffered, event: Event, batch: Batch) -> None:
    tx = batch.tx
    row = tx.run(select(calls.c.agent).where(calls.c.id == event.call)).one()
    newest = tx.connection.scalar(select(func.max(suggestions.c.seq)).where(suggestions.c.call == event.call))
    if newest is not None and body.seq <= newest:
        return  # a repeat, or an offer already overtaken
    for rank, offered in enumerate(body.suggestions):
        _offer(tx, event, body.seq, rank, offered, row.agent)
    expire_suggestions(tx, event.call, body.seq, tuple(s.id for s in body.suggestions))
    push_suggestions(tx, event.call, event.at.timestamp())


def _offer(tx: Tx, event: Event, seq: int, rank: int, offered: Suggestion, agent: str) -> None:
    """A suggestion goes before somebody's eyes: what made it, from what, and to whom it was shown (G05)."""
    again = tx.run(
        suggestions.update()
        .where(suggestions.c.id == offered.id, suggestions.c.outcome.in_(("shown", "expired")))
        .values(seq=seq, rank=rank, outcome="shown")
    )
    if again.rowcount or tx.run(select(suggestions.c.id).where(suggestions.c.id == offered.id)).first():
        return
    basis = tx.connection.scalar(select(utterances.c.text).where(utterances.c.id == offered.basis)) or ""
    cited = offered.citation
    source = f"{cited.article}\x1f{cited.version}\x1f{cited.start}\x1f{cited.end}" if cited else ""
    heard = "\x1f".join(e.text for e in offered.trigger)
    tx.run(
        suggestions.insert().values(
            id=offered.id,
            call=event.call,
            seq=seq,
            rank=rank,
            body=dumps(offered),
            system=offered.system[:200],
            stage="suggest",
            in_hash=tx.house.keyed(f"{basis}\x1e{heard}\x1e{source}"),
            out_hash=tx.house.keyed(offered.text),
            shown_at=iso(event.at),
            shown_to=agent,
            outcome="shown",
            decided_by="",
            decided_at="",
            ms=0,
            text="",
            reason="",
        )
    )


@_record.register
def _(body: AlertRaised, event: Event, batch: Batch) -> None:
    tx = batch.tx
    if tx.run(select(alerts.c.id).where(alerts.c.id == event.id)).first():
        return
    tx.run(alerts.insert().values(id=event.id, call=event.call, level=body.level, body=dumps(body), at=iso(event.at)))
    agent = tx.connection.scalar(select(calls.c.agent).where(calls.c.id == event.call)) or ""
    for stream in (f"call:{event.call}", desk_of(agent)):
        tx.push(stream, "alert", body, event.at.timestamp())


@_record.register
def _(body: DeadLettered, event: Event, batch: Batch) -> None:
    tx = batch.tx
    if tx.run(select(dead.c.event).where(dead.c.event == event.id)).first():
        return
    tx.run(
        dead.insert().values(
            event=event.id,
            call=event.call,
            stage=body.stage[:80],
            topic=body.topic[:40],
            position=body.offset,
            reason=body.reason[:1000],
            at=iso(event.at),
        )
    )
    if tx.run(calls.update().where(calls.c.id == event.call, calls.c.parked.is_(False)).values(parked=True)).rowcount:
        push_flags(tx, event.call, True, event.at.timestamp())


def newest_only(events: Sequence[Event]) -> list[Event]:
    """Drafts of a call that a later one of the same batch replaces are left out; all else stays, in order."""
    last: dict[str, str] = {}
    best: dict[str, int] = {}
    for event in events:
        if isinstance(event.body, DraftUpdated) and event.body.revision >= best.get(event.call, -1):
            best[event.call], last[event.call] = event.body.revision, event.id
    return [e for e in events if not isinstance(e.body, DraftUpdated) or last[e.call] == e.id]
