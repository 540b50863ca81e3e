"""Store: a call as recorded, its matters with human answers over machine proposals, and what decisions know of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import BindParameter, Connection, Row, bindparam, select

from console.decide_city import CityFacts
from console.decide_known import KnownCall, KnownMatter
from console.decide_matter import effective, empty_matter, first_matter, hash_of, why_not, with_number
from pipeline.store.call_rows import MatterRow, SuggestionRow, UtteranceRow
from pipeline.store.tables import calls, drafts, field_edits, matters, suggestions, utterances
from schemas.desk import MatterView, SuggestionView, UtteranceView
from schemas.draft import DraftUpdated, FieldValue, Matter, Suggestion

MOST_SUGGESTIONS = 30  # newest expired ones beyond this are left out of views
_ids: BindParameter[Any] = bindparam("ids", expanding=True)
_calls = select(calls).where(calls.c.id.in_(_ids)).order_by(calls.c.id)
_locked = _calls.with_for_update()
_drafts = select(drafts.c.call, drafts.c.body).where(drafts.c.call.in_(_ids))
_matters = select(matters).where(matters.c.call.in_(_ids)).order_by(matters.c.n)
_edits = select(field_edits).where(field_edits.c.call.in_(_ids)).order_by(field_edits.c.field)
_draft = msgspec.json.Decoder(DraftUpdated).decode
_matter = msgspec.json.Decoder(Matter).decode
_field = msgspec.json.Decoder(FieldValue).decode
_suggestion = msgspec.json.Decoder(Suggestion).decode
_flags = msgspec.json.Decoder(tuple[str, ...]).decode


class Parts(msgspec.Struct, kw_only=True):
    """What a call's matters are made of."""

    draft: DraftUpdated | None = None
    rows: dict[str, MatterRow] = {}
    human: dict[str, dict[str, FieldValue]] = {}  # matter → field → answer
    proposed: dict[str, dict[str, str]] = {}  # matter → field → what the machine had proposed


class CallRecord(msgspec.Struct, kw_only=True):
    """A call's row, its newest draft, and its matters as they stand."""

    id: str
    tenant: str
    state: str
    started_at: str
    ended_at: str
    notice_at: str
    ani: str
    dnis: str
    queue: str
    agent: str
    agent_name: str
    assist: bool
    parked: bool
    summary: str
    parts: Parts | None = None  # None = not loaded
    known: tuple[KnownMatter, ...] | None = (
        None  # the matters, once put together; None again when something they are made of changes
    )

    @property
    def loaded(self) -> Parts:
        if self.parts is None:
            raise LookupError(f"the matters of call {self.id} were not loaded")
        return self.parts

    @property
    def draft(self) -> DraftUpdated | None:
        return self.loaded.draft

    @property
    def matters(self) -> tuple[KnownMatter, ...]:
        if self.known is None:
            self.known = matters_of(self)
        return self.known


def load_call(connection: Connection, call: str, lock: bool = False) -> CallRecord | None:
    """The call with its matters; `lock` keeps other writers off it until the commit."""
    found = load_rows(connection, [call], lock)
    load_parts(connection, found.values())
    return found.get(call)


def load_rows(connection: Connection, ids: Collection[str], lock: bool = False) -> dict[str, CallRecord]:
    """Those of the calls there are, still without their matters. Locks are taken in one order, whoever asks."""
    rows = connection.execute(_locked if lock else _calls, {"ids": list(ids)})
    return {row.id: CallRecord(**row._mapping) for row in rows}


def load_parts(connection: Connection, records: Iterable[CallRecord]) -> None:
    """Drafts, matters and human answers of calls, read after the calls' locks were taken."""
    parts: dict[str, Parts] = {}
    for record in records:
        record.parts = parts[record.id] = Parts()
    if not parts:
        return
    wanted = {"ids": list(parts)}
    for row in connection.execute(_drafts, wanted):
        parts[row.call].draft = _draft(row.body)
    for row in connection.execute(_matters, wanted):
        parts[row.call].rows[row.id] = MatterRow(**row._mapping)
    for row in connection.execute(_edits, wanted):
        parts[row.call].human.setdefault(row.matter, {})[row.field] = _field(row.value)
        parts[row.call].proposed.setdefault(row.matter, {})[row.field] = row.proposed


def matters_of(record: CallRecord) -> tuple[KnownMatter, ...]:
    """Matters in their order: the draft's, those opened by hand, those a person has already touched."""
    rows, edits, first_proposed = record.loaded.rows, record.loaded.human, record.loaded.proposed
    proposed = {m.id: m for m in record.draft.matters} if record.draft else {}
    if not proposed:  # the machine has said nothing yet: there is a form to fill all the same
        first = first_matter(record.id, record.ani)
        proposed[first.id] = first
    for id_, row in rows.items():
        if id_ not in proposed and (row.by_hand or row.final or id_ in edits):
            proposed[id_] = _matter(row.by_hand) if row.by_hand else _touched(row)
    numbered = [msgspec.structs.replace(m, fields=with_number(m.fields, record.ani)) for m in proposed.values()]
    known = [_known(m, edits.get(m.id, {}), first_proposed.get(m.id, {}), rows.get(m.id)) for m in numbered]
    return tuple(sorted(known, key=lambda k: (k.matter.n, k.matter.id)))


def _touched(row: MatterRow) -> Matter:
    """A matter the draft no longer names, but a person has touched."""
    return _matter(row.final) if row.final else empty_matter(row.id, row.n)


def _known(
    machine: Matter, human: dict[str, FieldValue], proposed: dict[str, str], row: MatterRow | None
) -> KnownMatter:
    if row is not None and row.final:
        stands = _matter(row.final)
    else:
        stands = effective(machine, human)
    return KnownMatter(
        matter=stands,
        machine=machine.fields,
        human=human,
        proposed=proposed,
        version=row.version if row is not None else 1,
        content_hash=row.content_hash if row is not None else hash_of(stands),
        ticket=row.ticket if row is not None else "",
        ticket_no=row.ticket_no if row is not None else "",
    )


def matter_view(known: KnownMatter, city: CityFacts) -> MatterView:
    reasons = why_not(known.matter, city)
    return MatterView(
        matter=known.matter,
        version=known.version,
        content_hash=known.content_hash,
        may_confirm=not reasons,
        why_not=reasons,
        ticket=known.ticket,
        ticket_no=known.ticket_no,
    )


def utterance_views(connection: Connection, call: str) -> tuple[UtteranceView, ...]:
    """Utterances in the order they were begun."""
    found = connection.execute(
        select(utterances).where(utterances.c.call == call).order_by(utterances.c.start_s, utterances.c.id)
    )
    return tuple(utterance_view(u) for u in found)


def utterance_view(u: Row | UtteranceRow) -> UtteranceView:
    return UtteranceView(
        id=u.id,
        leg=u.leg,
        start_s=u.start_s,
        end_s=u.end_s,
        text=u.text,
        model=u.model,
        logprob=u.logprob,
        flags=_flags(u.flags),
        corrected_by=u.corrected_by,
    )


def suggestion_views(connection: Connection, call: str) -> tuple[SuggestionView, ...]:
    """Suggestions, newest offer first and best first within it; long-expired ones are left out."""
    found = connection.execute(
        select(suggestions)
        .where(suggestions.c.call == call)
        .order_by(suggestions.c.seq.desc(), suggestions.c.rank, suggestions.c.id)
    )
    return shown(found.all())


def shown(ordered: Sequence[Row | SuggestionRow]) -> tuple[SuggestionView, ...]:
    """A call's suggestions, in the order of `suggestion_views`, as a person sees them."""
    kept = [s for i, s in enumerate(ordered) if s.outcome != "expired" or i < MOST_SUGGESTIONS]
    return tuple(SuggestionView(suggestion=_suggestion(s.body), outcome=s.outcome, shown_at=s.shown_at) for s in kept)


def known_call(connection: Connection, record: CallRecord) -> KnownCall:
    """What a decision about the call needs."""
    heard = connection.execute(
        select(utterances.c.id, utterances.c.text, utterances.c.model).where(utterances.c.call == record.id)
    ).all()
    version = record.draft.stage_version if record.draft else ""
    offered = suggestion_views(connection, record.id)
    return KnownCall(
        id=record.id,
        agent=record.agent,
        agent_name=record.agent_name,
        ani=record.ani,
        assist=record.assist,
        matters=record.matters,
        utterances={u.id: u.text for u in heard},
        suggestions={s.suggestion.id: s for s in offered},
        systems=tuple(dict.fromkeys(s for s in (version, *(u.model for u in heard)) if s)),
    )
