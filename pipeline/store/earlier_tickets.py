"""Store: tickets made before a call, as the understanding asks for them: by caller, and by matter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, or_, select

from pipeline.store.ticket_rows import digits, ticket_of, tickets
from routing.duplicates import EarlierTicket

MOST = 20
LONGEST = 600  # characters of a matter that are compared
FINEST = ("community", "incident_place", "street")  # fields a ticket's place is taken from, best first


def by_phone(connection: Connection, tenant: str, phone: str) -> Sequence[EarlierTicket]:
    """Tickets this number called or left to be called back, newest first."""
    number = digits(phone)
    return _newest(connection, or_(tickets.c.ani == number, tickets.c.phone == number)) if number else ()


def by_matter(
    connection: Connection, tenant: str, category: str, place: str, since: str, kind: str = ""
) -> Sequence[EarlierTicket]:
    """Real tickets of this category, or of its class `kind` (second level), at this place since a UTC time.

    The place is a code, or words of it. Newest first.
    """
    if not category or not place:
        return ()
    there = tickets.c.body.contains(place, autoescape=True)
    real = tickets.c.synthetic.is_(False)
    about = or_(tickets.c.category == category, tickets.c.cat2 == kind) if kind else tickets.c.category == category
    return _newest(connection, about, tickets.c.created_at >= since, real, there)


def _newest(connection: Connection, *where: ColumnElement[bool]) -> Sequence[EarlierTicket]:
    newest = select(tickets).where(*where).order_by(tickets.c.created_at.desc(), tickets.c.id.desc()).limit(MOST)
    return [
        EarlierTicket(
            ticket_no=row.ticket_no,
            state=row.state,
            category=row.category,
            place=_place(row.body),
            lead_unit=row.lead_unit,
            created_at=datetime.fromisoformat(row.created_at),
            phone=row.phone or row.ani,
            text=_words(row.body),
            street=_street(row.body),
        )
        for row in connection.execute(newest)
    ]


def _words(body: str) -> str:
    fields = ticket_of(body).fields
    return fields["content"].value[:LONGEST] if "content" in fields else ""


def _street(body: str) -> str:
    fields = ticket_of(body).fields
    return fields["street"].value if "street" in fields else ""


def _place(body: str) -> str:
    fields = ticket_of(body).fields
    return next((fields[name].value for name in FINEST if name in fields and fields[name].value), "")
