"""Suggestions, between processes: what was on offer in a call, as short as it can be told."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.draft import Suggestion
from schemas.ids import output_id


def key_of(offered: Sequence[Suggestion]) -> str:
    """The same for the same words under the same ids in the same order; "" for nothing."""
    return output_id("\n".join(f"{s.id} {s.text}" for s in offered), "offer") if offered else ""
