"""Store: rows that hang on a call, as a batch of events works on them before it writes them. Named as the columns."""

from __future__ import annotations

from typing import Any, Literal

import msgspec


class MatterRow(msgspec.Struct, kw_only=True):
    """A matter's row."""

    call: str
    id: str
    n: int
    version: int
    content_hash: str
    by_hand: str = ""
    final: str = ""
    ticket: str = ""
    ticket_no: str = ""


class UtteranceRow(msgspec.Struct, kw_only=True):
    """An utterance's row."""

    id: str
    call: str
    leg: str
    start_s: float
    end_s: float
    text: str
    raw: str
    model: str
    logprob: float
    flags: str
    corrected_by: str
    heard_at: str


class SuggestionRow(msgspec.Struct, kw_only=True):
    """A suggestion's row."""

    id: str
    call: str
    seq: int
    rank: int
    body: str
    system: str
    stage: str
    in_hash: str
    out_hash: str
    shown_at: str
    shown_to: str
    outcome: Literal["shown", "accepted", "edited", "rejected", "expired"]
    decided_by: str = ""
    decided_at: str = ""
    ms: int = 0
    text: str = ""
    reason: str = ""


def columns(row: msgspec.Struct) -> dict[str, Any]:
    """Column → value."""
    return {name: getattr(row, name) for name in row.__struct_fields__}
