"""Store, what the stages propose: drafts, suggestions, alerts, and what they could not digest."""

from __future__ import annotations

import msgspec

from console.decide_known import KnownMatter
from console.decide_matter import hash_of
from console.decide_time import iso
from pipeline.store.batch import Batch, record_body
from pipeline.store.call_pushes import desk_of, push_draft, tell_suggestions
from pipeline.store.call_record import CallRecord, shown
from pipeline.store.call_rows import MatterRow, SuggestionRow
from pipeline.store.keeping import push_flags
from pipeline.store.tables import alerts, dead
from pipeline.store.tx import dumps
from schemas import Event
from schemas.draft import AlertRaised, DeadLettered, DraftUpdated, Suggestion, SuggestionsOffered

_draft = msgspec.json.Decoder(DraftUpdated).decode


@record_body.register
def _(body: DraftUpdated, event: Event, batch: Batch) -> None:
    record = batch.held.calls[event.call]
    if record.draft is not None and record.draft.revision >= body.revision:
        return
    stood = record.matters
    text = dumps(msgspec.structs.replace(body, snapshot=b""))
    said = {"call": record.id, "revision": body.revision, "body": text, "snapshot": body.snapshot, "at": iso(event.at)}
    batch.pending.drafts[record.id] = said
    record.loaded.draft, record.known = _draft(text), None  # as whoever reads it next will find it
    restate(batch, record, stood)
    push_newest_draft(batch, event)
    batch.touch(event)


def restate(batch: Batch, record: CallRecord, stood: tuple[KnownMatter, ...]) -> bool:
    """Gives every open matter whose content now differs its next version; says whether there was one."""
    before = {m.matter.id: m for m in stood}
    known = list(record.matters)
    restated = False
    for i, m in enumerate(known):
        row = record.loaded.rows.get(m.matter.id)
        if m.matter.closed:
            continue
        digest = hash_of(m.matter) if row is not None else m.content_hash
        held = m if row is not None else before.get(m.matter.id)
        version = held.version + (held.content_hash != digest) if held is not None else 1
        if row is None:
            row = MatterRow(call=record.id, id=m.matter.id, n=m.matter.n, version=version, content_hash=digest)
            record.loaded.rows[row.id] = row
        elif (row.version, row.content_hash) == (version, digest):
            continue
        row.version, row.content_hash = version, digest
        batch.pending.matters[record.id, row.id] = row
        known[i] = msgspec.structs.replace(m, version=version, content_hash=digest)
        restated = True
    record.known = tuple(known)
    return restated


def push_newest_draft(batch: Batch, event: Event) -> None:
    push_draft(batch.tx, batch.held.calls[event.call], event.at.timestamp())


@record_body.register
def _(body: SuggestionsOffered, event: Event, batch: Batch) -> None:
    of_call = batch.held.offered.get(event.call, ())
    if any(body.seq <= row.seq for row in of_call):
        return  # a repeat, or an offer already overtaken
    for rank, offered in enumerate(body.suggestions):
        _offer(batch, event, body.seq, rank, offered)
    keep = {s.id for s in body.suggestions}
    of_call = batch.held.offered.get(event.call, [])
    for row in of_call:  # what is undecided of earlier offers expires, unless it was offered again
        if row.outcome == "shown" and row.seq < body.seq and row.id not in keep:
            row.outcome = "expired"
            batch.pending.suggestions[row.id] = row
    views = shown(sorted(of_call, key=lambda s: (-s.seq, s.rank, s.id)))
    tell_suggestions(batch.tx, event.call, views, event.at.timestamp())


def _offer(batch: Batch, event: Event, seq: int, rank: int, offered: Suggestion) -> None:
    """A suggestion goes before somebody's eyes: what made it, from what, and to whom it was shown (G05)."""
    row = batch.held.suggestions.get(offered.id)
    if row is not None:
        if row.outcome in ("shown", "expired"):
            row.seq, row.rank, row.outcome = seq, rank, "shown"
            batch.pending.suggestions[row.id] = row
        return
    basis = batch.held.utterances.get(offered.basis)
    cited = offered.citation
    source = f"{cited.article}\x1f{cited.version}\x1f{cited.start}\x1f{cited.end}" if cited else ""
    heard = "\x1f".join(e.text for e in offered.trigger)
    keyed = batch.tx.house.keyed
    row = SuggestionRow(
        id=offered.id,
        call=event.call,
        seq=seq,
        rank=rank,
        body=dumps(offered),
        system=offered.system[:200],
        stage="suggest",
        in_hash=keyed(f"{basis.text if basis else ''}\x1e{heard}\x1e{source}"),
        out_hash=keyed(offered.text),
        shown_at=iso(event.at),
        shown_to=batch.held.calls[event.call].agent,
        outcome="shown",
    )
    batch.held.suggest(row)
    batch.pending.suggestions[row.id] = row


@record_body.register
def _(body: AlertRaised, event: Event, batch: Batch) -> None:
    if event.id in batch.held.there:
        return
    batch.held.there.add(event.id)
    row = {"id": event.id, "call": event.call, "level": body.level, "body": dumps(body), "at": iso(event.at)}
    batch.pending.rows[alerts].append(row)
    to = (f"call:{event.call}", desk_of(batch.held.calls[event.call].agent))
    batch.tx.push_to(to, "alert", body, event.at.timestamp())


@record_body.register
def _(body: DeadLettered, event: Event, batch: Batch) -> None:
    if event.id in batch.held.there:
        return
    batch.held.there.add(event.id)
    row = {
        "event": event.id,
        "call": event.call,
        "stage": body.stage[:80],
        "topic": body.topic[:40],
        "position": body.offset,
        "reason": body.reason[:1000],
        "at": iso(event.at),
    }
    batch.pending.rows[dead].append(row)
    if event.call in batch.held.calls and not batch.held.calls[event.call].parked:
        batch.call(event).parked = True
        push_flags(batch.tx, event.call, True, event.at.timestamp())
