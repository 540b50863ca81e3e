"""Store, what switch, ear and people at other doors say of a call. Met twice, it changes nothing the second time."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from console.decide_time import iso
from pipeline.store import people
from pipeline.store.apply_draft import push_newest_draft, restate
from pipeline.store.batch import Batch, record_body, stub
from pipeline.store.call_pushes import first_seen
from pipeline.store.call_record import load_call, utterance_view
from pipeline.store.tables import calls, gaps, utterances
from pipeline.store.tx import Tx, dumps
from schemas import Event
from schemas import calls as facts

_ORDER = {"ringing": 0, "live": 1, "ended": 2, "heard": 3}


class NotYet(ValueError):
    """An event that may not be recorded: the caller has not been told that an assistant listens (G06)."""


def _move(batch: Batch, event: Event, to: str, **also: Any) -> None:
    """A call's state only goes forward."""
    tx = batch.tx
    held = tx.connection.scalar(select(calls.c.state).where(calls.c.id == event.call)) or "ringing"
    state = to if _ORDER[to] > _ORDER[held] else held
    tx.run(calls.update().where(calls.c.id == event.call).values(state=state, **also))
    batch.touch(event)


@record_body.register
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
        overtaken = stood is not None and stood.draft is not None  # a draft was first: its matters learn the number
        if stood is not None and overtaken and restate(tx, event.call, stood):
            push_newest_draft(tx, event)
    else:
        tx.run(calls.insert().values(**(stub(event) | said)))
    batch.touch(event)


@record_body.register
def _(body: facts.NoticeGiven, event: Event, batch: Batch) -> None:
    _move(batch, event, "live")
    unset = (calls.c.id == event.call, calls.c.notice_at == "")
    batch.tx.run(calls.update().where(*unset).values(notice_at=iso(event.at)))


@record_body.register
def _(body: facts.CallEnded, event: Event, batch: Batch) -> None:
    _move(batch, event, "ended", ended_at=iso(event.at))


@record_body.register
def _(body: facts.CallHeard, event: Event, batch: Batch) -> None:
    _move(batch, event, "heard")


@record_body.register
def _(body: facts.GapFound, event: Event, batch: Batch) -> None:
    tx = batch.tx
    if tx.run(select(gaps.c.event).where(gaps.c.event == event.id)).first():
        return
    tx.run(gaps.insert().values(event=event.id, call=event.call, body=dumps(body), at=iso(event.at)))
    tx.push(f"call:{event.call}", "gap", body, event.at.timestamp())


@record_body.register
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


@record_body.register
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


@record_body.register
def _(body: facts.AssistSwitched, event: Event, batch: Batch) -> None:
    batch.tx.run(calls.update().where(calls.c.id == event.call).values(assist=body.on))
    batch.touch(event)
    push_newest_draft(batch.tx, event)


@record_body.register
def _(body: facts.AgentAssigned, event: Event, batch: Batch) -> None:
    tx = batch.tx
    person = people.user_at(tx.connection, body.agent)
    before = tx.connection.scalar(select(calls.c.agent).where(calls.c.id == event.call)) or ""
    if person is None or before == person.user:
        return
    tx.run(calls.update().where(calls.c.id == event.call).values(agent=person.user, agent_name=person.name))
    first_seen(tx, event.call, person.user)
    batch.touch(event, left=before)
