"""Whether the city has this matter already: the same caller again, or others on the same thing at the same place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from routing.alike import novelty, overlap, shared
from schemas.draft import EarlierLink

FRESH = timedelta(days=90)  # an older ticket is history, no duplicate
GROUP_FRESH = timedelta(days=21)  # … and of others, no part of what is going on
DONE = frozenset(("closed", "rated", "archived", "not_accepted", "beyond_duty", "merged"))
# overlap of words (routing.alike) from which two tellings are of one matter, though something else does not fit
SAME_WORDS = 0.35  # category and caller fit, a place is not known
KIN_WORDS = 0.3  # the place fits, the category is a sister
OTHER_WORDS = 0.6  # caller and place fit, the category does not
GROUP_WORDS = 0.4  # others, same category and place
STREET_WORDS = 0.45  # others at no finer place than the same street
NEWS = 0.55  # share of new words from which a further call adds facts, and does more than urge


class EarlierTicket(msgspec.Struct, frozen=True, kw_only=True):
    """What dispatch needs to know of a ticket made before this call."""

    ticket_no: str
    state: str
    category: str  # code
    place: str  # code of the street or finer place, or the place's words
    lead_unit: str  # unit code
    created_at: datetime
    phone: str = ""  # contact or calling number
    text: str = ""  # the matter as it was written
    street: str = ""  # code, where `place` is finer or words


class Duplicate(msgspec.Struct, frozen=True):
    """An earlier ticket on the same matter."""

    ticket: EarlierTicket
    relation: Literal["own", "others"]  # the same caller again | other callers, same place and matter
    count: int  # tickets of that relation
    sentence: str  # for people
    link: EarlierLink | None = None  # what a person could do with it, and why


class Likeness(msgspec.Struct, frozen=True):
    """How an earlier ticket compares."""

    ticket: EarlierTicket
    own: bool  # the same number
    category: Literal["same", "kin", "other"]
    place: Literal["same", "street", "unknown", "other"]
    words: float  # 0..1

    @property
    def score(self) -> float:
        """0..1, for people and for the order."""
        category = {"same": 1.0, "kin": 0.5, "other": 0.0}[self.category]
        place = {"same": 1.0, "street": 0.5, "unknown": 0.3, "other": 0.0}[self.place]
        return round(0.2 * self.own + 0.3 * category + 0.3 * place + 0.2 * self.words, 3)


def find_duplicate(
    earlier: Sequence[EarlierTicket],
    phones: frozenset[str],
    category: str,
    places: frozenset[str],
    now: datetime,
    *,
    text: str = "",
    kin: frozenset[str] = frozenset(),
    street: str = "",
) -> Duplicate | None:
    """The likest earlier ticket, the newest among equals; the caller's own before others'.

    `places` are the codes and names by which this matter's place goes, `street` the one of them that is no finer than
    a street; `kin` the categories of the same class. Linked, never merged: a person decides.
    """
    known = [
        _compare(t, phones - {""}, category, places, text, kin, street)
        for t in {t.ticket_no: t for t in earlier}.values()
        if t.created_at <= now and now - t.created_at <= FRESH
    ]
    own = [k for k in known if k.own and _is_own(k)]
    others = [k for k in known if not k.own and now - k.ticket.created_at <= GROUP_FRESH and _is_theirs(k, bool(text))]
    if not own and not others:
        return None
    relation: Literal["own", "others"] = "own" if own else "others"
    found = own or others
    best = max(found, key=lambda k: (round(k.score, 1), k.ticket.created_at, k.ticket.ticket_no))
    ticket = best.ticket
    if relation == "own":
        state = "已办结，可能未解决" if ticket.state in DONE else "仍在办理"
        sentence = f"同一来电人{len(found)}次反映同一事项，最近工单{ticket.ticket_no}（{state}），建议催办或追加"
    else:
        sentence = f"同一地点同类诉求已有{len(found)}件在办，最近工单{ticket.ticket_no}，建议关联为群体诉求"
    return Duplicate(ticket, relation, len(found), sentence, _link(best, relation, len(found), text))


def _compare(
    t: EarlierTicket, phones: frozenset[str], category: str, places: frozenset[str], text: str, kin: frozenset[str],
    street: str,
) -> Likeness:  # fmt: skip
    place: Literal["same", "street", "unknown", "other"] = "other"
    if t.place and t.place == street:
        place = "street"
    elif _meets(t.place, places):
        place = "same"
    elif not t.place or not places or (street and t.street == street):
        place = "unknown"
    alike: Literal["same", "kin", "other"] = "kin" if t.category in kin else "other"
    if t.category == category:
        alike = "same"
    own = t.phone in phones
    asked = bool(text and t.text) and place != "other" and (own or alike != "other")
    return Likeness(t, own, alike, place, overlap(text, t.text) if asked else 0.0)


def _is_own(k: Likeness) -> bool:
    """The same caller on the same matter."""
    if k.place in ("same", "street"):
        return k.category == "same" or k.words >= (KIN_WORDS if k.category == "kin" else OTHER_WORDS)
    if k.place == "unknown":
        return k.category == "same" and (not k.ticket.place or k.words >= SAME_WORDS)
    return False


def _is_theirs(k: Likeness, said: bool) -> bool:
    """Other callers on the same matter at the same place, still open. Where words are known, they must meet too."""
    if k.ticket.state in DONE or k.category == "other":
        return False
    told = said and bool(k.ticket.text)
    if k.category == "kin":
        return k.place == "same" and k.words >= STREET_WORDS
    if k.place == "street":
        return not told or k.words >= STREET_WORDS
    return k.place == "same" and (not told or k.words >= GROUP_WORDS)


def _link(k: Likeness, relation: Literal["own", "others"], count: int, text: str) -> EarlierLink:
    alike = ["同一号码"] if k.own else []
    if k.category != "other":
        alike.append("同一分类" if k.category == "same" else "同类诉求")
    if k.place in ("same", "street"):
        alike.append("同一地点" if k.place == "same" else "同一街道")
    words = shared(text, k.ticket.text) if k.words >= KIN_WORDS else ()
    if words:
        alike.append("用语相同：" + "、".join(words))
    how: Literal["urge", "append", "again", "group"] = "group"
    if relation == "own":
        how = "again" if k.ticket.state in DONE else "append" if novelty(text, k.ticket.text) >= NEWS else "urge"
        if how == "append" and not k.ticket.text:
            how = "urge"
    return EarlierLink(
        ticket_no=k.ticket.ticket_no, relation=relation, how=how, count=count, score=k.score, alike=tuple(alike)
    )


def _meets(place: str, places: frozenset[str]) -> bool:
    return bool(place) and (
        place in places or any(len(p) >= 3 and not p.startswith("p-") and p in place for p in places)
    )
