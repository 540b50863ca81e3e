"""Whether the city has this matter already: the same caller again, or others on the same thing at the same place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

FRESH = timedelta(days=90)  # an older ticket is history, no duplicate
DONE = frozenset(("closed", "rated", "archived", "not_accepted", "beyond_duty", "merged"))


class EarlierTicket(msgspec.Struct, frozen=True, kw_only=True):
    """What dispatch needs to know of a ticket made before this call."""

    ticket_no: str
    state: str
    category: str  # code
    place: str  # code of the street or finer place, or the place's words
    lead_unit: str  # unit code
    created_at: datetime
    phone: str = ""  # contact or calling number


class Duplicate(msgspec.Struct, frozen=True):
    """An earlier ticket on the same matter."""

    ticket: EarlierTicket
    relation: Literal["own", "others"]  # the same caller again | other callers, same place and matter
    count: int  # tickets of that relation
    sentence: str  # for people


def find_duplicate(
    earlier: Sequence[EarlierTicket], phones: frozenset[str], category: str, places: frozenset[str], now: datetime
) -> Duplicate | None:
    """The newest earlier ticket on the same category and place; the caller's own before others'.

    `places` are the codes and names by which this matter's place goes. Linked, never merged: a person decides.
    """
    alike = [
        t
        for t in earlier
        if t.category == category and now - t.created_at <= FRESH and t.created_at <= now and _meets(t.place, places)
    ]
    own = [t for t in alike if t.phone and t.phone in phones]
    own += [t for t in earlier if t not in own and t.phone in phones - {""} and t.category == category and not t.place]
    others = [t for t in alike if t not in own and t.state not in DONE]
    relation: Literal["own", "others"]
    if own:
        relation, found = "own", own
    elif others:
        relation, found = "others", others
    else:
        return None
    newest = max(found, key=lambda t: (t.created_at, t.ticket_no))
    if relation == "own":
        state = "已办结，可能未解决" if newest.state in DONE else "仍在办理"
        sentence = f"同一来电人{len(found)}次反映同一事项，最近工单{newest.ticket_no}（{state}），建议催办或追加"
    else:
        sentence = f"同一地点同类诉求已有{len(found)}件在办，最近工单{newest.ticket_no}，建议关联为群体诉求"
    return Duplicate(newest, relation, len(found), sentence)


def _meets(place: str, places: frozenset[str]) -> bool:
    return bool(place) and (
        place in places or any(len(p) >= 3 and not p.startswith("p-") and p in place for p in places)
    )
