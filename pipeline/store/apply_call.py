"""Store, what switch, ear and people at other doors say of a call. Met twice, it changes nothing the second time."""

from __future__ import annotations

from console.decide_time import iso
from pipeline.store.apply_draft import push_newest_draft, restate
from pipeline.store.batch import Batch, record_body
from pipeline.store.call_record import CallRecord, utterance_view
from pipeline.store.call_rows import UtteranceRow
from pipeline.store.tables import gaps
from pipeline.store.tx import dumps
from schemas import Event
from schemas import calls as facts

_ORDER = {"ringing": 0, "live": 1, "ended": 2, "heard": 3}


class NotYet(ValueError):
    """An event that may not be recorded: the caller has not been told that an assistant listens (G06)."""


def _move(batch: Batch, event: Event, to: str) -> CallRecord:
    """A call's state only goes forward."""
    record = batch.call(event)
    if _ORDER[to] > _ORDER[record.state]:
        record.state = to
    batch.touch(event)
    return record


@record_body.register
def _(body: facts.CallStarted, event: Event, batch: Batch) -> None:
    met = event.call in batch.held.calls
    if not met:
        batch.open(event)
    record = batch.call(event)
    stood = record.matters
    record.started_at, record.ani = iso(event.at), body.ani[:40]
    record.dnis, record.queue = body.dnis[:40], body.queue[:80]
    person = batch.held.people.get(body.agent or "")
    if person is not None and not record.agent:
        record.agent, record.agent_name = person.user, person.name
    record.known = None
    if met and record.draft is not None and restate(batch, record, stood):
        push_newest_draft(batch, event)  # a draft was first: its matters learn the number
    batch.touch(event)


@record_body.register
def _(body: facts.NoticeGiven, event: Event, batch: Batch) -> None:
    record = _move(batch, event, "live")
    record.notice_at = record.notice_at or iso(event.at)


@record_body.register
def _(body: facts.CallEnded, event: Event, batch: Batch) -> None:
    _move(batch, event, "ended").ended_at = iso(event.at)


@record_body.register
def _(body: facts.CallHeard, event: Event, batch: Batch) -> None:
    _move(batch, event, "heard")


@record_body.register
def _(body: facts.GapFound, event: Event, batch: Batch) -> None:
    if event.id in batch.held.there:
        return
    batch.held.there.add(event.id)
    row = {"event": event.id, "call": event.call, "body": dumps(body), "at": iso(event.at)}
    batch.pending.rows[gaps].append(row)
    batch.tx.push(f"call:{event.call}", "gap", body, event.at.timestamp())


@record_body.register
def _(body: facts.UtteranceHeard, event: Event, batch: Batch) -> None:
    if not batch.held.calls[event.call].notice_at:
        raise NotYet(f"utterance {body.utterance} was heard before the caller was told")
    if body.utterance in batch.held.utterances:
        return
    row = UtteranceRow(
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
    batch.held.utterances[row.id] = batch.pending.heard[row.id] = row
    _push_utterance(batch, event, row)


@record_body.register
def _(body: facts.UtteranceCorrected, event: Event, batch: Batch) -> None:
    row = batch.held.utterances.get(body.utterance)
    if row is None or row.call != event.call or row.text == body.text:
        return
    person = batch.held.people.get(body.by)
    row.text, row.corrected_by = body.text, person.name if person else body.by[:80]
    batch.pending.mended[row.id] = row
    _push_utterance(batch, event, row)


def _push_utterance(batch: Batch, event: Event, row: UtteranceRow) -> None:
    batch.tx.push(f"call:{event.call}", "utterance", utterance_view(row), event.at.timestamp())


@record_body.register
def _(body: facts.AssistSwitched, event: Event, batch: Batch) -> None:
    batch.call(event).assist = body.on
    batch.touch(event)
    push_newest_draft(batch, event)


@record_body.register
def _(body: facts.AgentAssigned, event: Event, batch: Batch) -> None:
    person = batch.held.people.get(body.agent)
    before = batch.held.calls[event.call].agent
    if person is None or before == person.user:
        return
    record = batch.call(event)
    record.agent, record.agent_name = person.user, person.name
    for row in batch.held.offered.get(event.call, ()):  # those that waited are now before this agent's eyes
        if not row.shown_to:
            row.shown_to = person.user
            batch.pending.suggestions[row.id] = row
    batch.touch(event, left=before)
