"""How likely a unit hands a ticket back, learned from tickets that were sent: counts with smoothing, no more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import msgspec

WEIGHT = 8.0  # tickets that a coarser level's share is worth against a finer level's own
TELLING = 3  # returns from which on people are told of them


class Sent(msgspec.Struct, frozen=True):
    """Tickets of one unit, category and duty line: how many were sent, and how many of them came back.

    A ticket came back when the unit returned it or a person sent it elsewhere after it was dispatched.
    """

    unit: str
    category: str
    entry: str
    sent: int
    returned: int


class Returns:
    """Return rates by unit, then category, then duty line; each level leans on the one above while it is thin."""

    def __init__(self, counts: Iterable[Sent] = ()) -> None:
        self._at: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0])
        for c in counts:
            if not 0 <= c.returned <= c.sent:
                raise ValueError(f"{c.unit}: {c.returned} returned of {c.sent} sent")
            for key in ((c.unit,), (c.unit, c.category), (c.unit, c.category, c.entry)):
                self._at[key][0] += c.sent
                self._at[key][1] += c.returned

    def risk(self, unit: str, category: str, entry: str, expected: float) -> float:
        """0..1: `expected` (what the rules say without any past) moved by what happened, the more the more there is."""
        share = expected
        for key in ((unit,), (unit, category), (unit, category, entry)):
            sent, returned = self._at.get(key, (0, 0))
            share = (returned + WEIGHT * share) / (sent + WEIGHT)
        return share

    def sentence(self, unit: str, category: str) -> str:
        """What people are told of the past; "" when there is little to tell."""
        sent, returned = self._at.get((unit, category), (0, 0))
        return f"同类工单派往该单位{sent}件，退回或改派{returned}件" if returned >= TELLING else ""
