"""Store, what the stages propose: drafts, suggestions, alerts, and what they could not digest."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import func, select

from console.decide_matter import hash_of
from console.decide_time import iso
from pipeline.store.apply_decision import put_matter
from pipeline.store.batch import Batch, record_body
from pipeline.store.call_pushes import desk_of, expire_suggestions, push_draft, push_suggestions
from pipeline.store.call_record import CallRecord, load_call
from pipeline.store.keeping import push_flags
from pipeline.store.tables import alerts, calls, dead, drafts, matters, suggestions, utterances
from pipeline.store.tx import Tx, dumps
from schemas import Event
from schemas.draft import AlertRaised, DeadLettered, DraftUpdated, Suggestion, SuggestionsOffered


@record_body.register
def _(body: DraftUpdated, event: Event, batch: Batch) -> None:
    tx = batch.tx
    record = load_call(tx.connection, event.call, lock=True)
    assert record is not None
    if record.draft is not None and record.draft.revision >= body.revision:
        return
    said: dict[str, Any] = {
        "revision": body.revision,
        "body": dumps(msgspec.structs.replace(body, snapshot=b"")),
        "at": iso(event.at),
    }
    if body.snapshot:  # long calls carry one now and then: the newest is kept
        said["snapshot"] = body.snapshot
    if record.draft is None:
        tx.run(drafts.insert().values(call=event.call, **{"snapshot": b""} | said))
    else:
        tx.run(drafts.update().where(drafts.c.call == event.call).values(**said))
    restate(tx, event.call, record)
    push_newest_draft(tx, event)
    batch.touch(event)


def restate(tx: Tx, call: str, before: CallRecord) -> bool:
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


def push_newest_draft(tx: Tx, event: Event) -> None:
    record = load_call(tx.connection, event.call)
    if record is not None:
        push_draft(tx, record, event.at.timestamp())


@record_body.register
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


@record_body.register
def _(body: AlertRaised, event: Event, batch: Batch) -> None:
    tx = batch.tx
    if tx.run(select(alerts.c.id).where(alerts.c.id == event.id)).first():
        return
    tx.run(alerts.insert().values(id=event.id, call=event.call, level=body.level, body=dumps(body), at=iso(event.at)))
    agent = tx.connection.scalar(select(calls.c.agent).where(calls.c.id == event.call)) or ""
    for stream in (f"call:{event.call}", desk_of(agent)):
        tx.push(stream, "alert", body, event.at.timestamp())


@record_body.register
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
