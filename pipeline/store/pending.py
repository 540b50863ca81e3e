"""Store, events on their way into the record: what one batch has changed, written at its end in a few statements."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, bindparam

from pipeline.store.call_record import CallRecord
from pipeline.store.call_rows import MatterRow, SuggestionRow, UtteranceRow, columns
from pipeline.store.tables import alerts, calls, dead, drafts, gaps, matters, suggestions, utterances
from pipeline.store.tx import Tx

_CALL = tuple(c.name for c in calls.c if c.name != "id")
_call = calls.update().where(calls.c.id == bindparam("key")).values({name: bindparam(name) for name in _CALL})
_new, _heard = calls.insert(), utterances.insert()
_mended = (
    utterances.update()
    .where(utterances.c.id == bindparam("key"))
    .values(text=bindparam("text"), corrected_by=bindparam("corrected_by"))
)


class Pending:
    """Rows to insert and rows to change, each once, as they stand when all events of the batch were taken."""

    def __init__(self) -> None:
        self.new: dict[str, CallRecord] = {}
        self.calls: dict[str, CallRecord] = {}
        self.heard: dict[str, UtteranceRow] = {}
        self.mended: dict[str, UtteranceRow] = {}
        self.drafts: dict[str, dict[str, Any]] = {}
        self.matters: dict[tuple[str, str], MatterRow] = {}
        self.suggestions: dict[str, SuggestionRow] = {}
        self.rows: dict[Table, list[dict[str, Any]]] = {gaps: [], alerts: [], dead: []}  # as they are inserted

    def write(self, tx: Tx) -> None:
        """A call goes first: all else hangs on it. New calls are never merged: a second writer is to fail and retry."""
        if self.new:
            tx.run(_new, [_columns(record) for record in self.new.values()])
        changed = [record for id_, record in self.calls.items() if id_ not in self.new]
        if changed:
            tx.run(_call, [_columns(record) | {"key": record.id} for record in changed])
        if self.heard:
            tx.run(_heard, [columns(row) for row in self.heard.values()])
        mended = [row for id_, row in self.mended.items() if id_ not in self.heard]
        if mended:
            tx.run(_mended, [{"key": r.id, "text": r.text, "corrected_by": r.corrected_by} for r in mended])
        bare = [row for row in self.drafts.values() if not row["snapshot"]]
        tx.put(drafts, [row for row in self.drafts.values() if row["snapshot"]], _whole_draft)
        tx.put(drafts, bare, _draft)
        tx.put(matters, [columns(row) for row in self.matters.values()], _matter)
        tx.put(suggestions, [columns(row) for row in self.suggestions.values()], _suggestion)
        for table, rows in self.rows.items():
            if rows:
                tx.run(table.insert(), rows)


def _columns(record: CallRecord) -> dict[str, Any]:
    return {"id": record.id} | {name: getattr(record, name) for name in _CALL}


# what of a row that stands already is set anew; the rest is other hands' work


def _draft(held: Any, given: Any) -> dict[str, Any]:
    return {"revision": given.revision, "body": given.body, "at": given.at}


def _whole_draft(held: Any, given: Any) -> dict[str, Any]:
    return _draft(held, given) | {"snapshot": given.snapshot}


def _matter(held: Any, given: Any) -> dict[str, Any]:
    return {"version": given.version, "content_hash": given.content_hash}


def _suggestion(held: Any, given: Any) -> dict[str, Any]:
    return {"seq": given.seq, "rank": given.rank, "outcome": given.outcome, "shown_to": given.shown_to}
