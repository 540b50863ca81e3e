"""Store: reads of tickets: the list with its filters, one ticket, and earlier ones of a number."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select

from console.decide_city import CityFacts
from console.decide_time import iso
from console.ports import TicketPage, TicketQuery
from pipeline.store import handoff_rows, history_rows
from pipeline.store.call_record import utterance_views
from pipeline.store.sight import PEOPLE_WORK, masked_history, masked_summary, masked_ticket
from pipeline.store.ticket_rows import digits, summary_of, ticket_of, tickets
from schemas.commands import Actor
from schemas.desk import TicketSummary, TicketView

MOST = 500  # tickets per page
EARLIER = 10  # tickets shown of a calling number
_LIST = [tickets.c[n] for n in (*TicketSummary.__struct_fields__, "confirmed_by_name")]


class BadQuery(ValueError):
    """A filter that can't be understood; names it."""


def instant(text: str, zone: str, name: str) -> str:
    """A filter's date or time → UTC text as stored. A bare date, or a time without zone, is the city's."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadQuery(f"{name}: no date or time: {text[:40]!r}") from error
    return iso(at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone)))


def page_cursor(created_at: str, id_: str) -> str:
    return base64.urlsafe_b64encode(f"{created_at}|{id_}".encode()).decode().rstrip("=")


def from_cursor(cursor: str) -> ColumnElement[bool]:
    """Rows older than the last one of the page before."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise BadQuery(f"cursor: none of ours: {cursor[:40]!r}") from error
    at, bar, id_ = text.partition("|")
    if not bar:
        raise BadQuery(f"cursor: none of ours: {cursor[:40]!r}")
    c = tickets.c
    return or_(c.created_at < at, and_(c.created_at == at, c.id < id_))


def page_limit(limit: int) -> int:
    return max(1, min(limit, MOST))


def span(since: str, until: str, zone: str) -> list[ColumnElement[bool]]:
    """Filter by time of creation; `until` exclusive."""
    where = []
    if since:
        where.append(tickets.c.created_at >= instant(since, zone, "since"))
    if until:
        where.append(tickets.c.created_at < instant(until, zone, "until"))
    return where


def category_is(code: str, city: CityFacts) -> ColumnElement[bool]:
    """The category or any below it."""
    depth = len(city.category_path(code))
    return (
        (tickets.c.cat1, tickets.c.cat2, tickets.c.cat3)[depth - 1] == code
        if 1 <= depth <= 3
        else (tickets.c.category == code)
    )


def filters(query: TicketQuery, city: CityFacts) -> list[ColumnElement[bool]]:
    c = tickets.c
    where = span(query.since, query.until, city.zone)
    for column, wanted in ((c.state, query.state), (c.kind, query.kind), (c.lead_unit, query.unit)):
        if wanted:
            where.append(column == wanted)
    if query.district:
        where.append(c.district == (city.place_code(query.district, "district") or query.district))
    if query.category:
        where.append(category_is(query.category, city))
    if query.phone:
        number = digits(query.phone)
        if len(number) >= 7:
            where.append(or_(c.phone == number, c.ani == number))
        else:
            where.append(or_(c.phone.endswith(number or "-"), c.ani.endswith(number or "-")))
    for word in query.text.split()[:8]:
        where.append(c.search.contains(word, autoescape=True))
    if query.synthetic:
        where.append(c.synthetic.is_(query.synthetic == "yes"))
    return where


def ticket_page(connection: Connection, actor: Actor, query: TicketQuery, city: CityFacts) -> TicketPage:
    """One page, newest first, with the count over the whole filter."""
    where = filters(query, city)
    total = connection.scalar(select(func.count()).select_from(tickets).where(*where)) or 0
    limit = page_limit(query.limit)
    if query.cursor:
        where.append(from_cursor(query.cursor))
    newest = (tickets.c.created_at.desc(), tickets.c.id.desc())
    found = connection.execute(select(*_LIST).where(*where).order_by(*newest).limit(limit + 1)).all()
    page = found[:limit]
    return TicketPage(
        tickets=tuple(masked_summary(summary_of(dict(t._mapping)), actor) for t in page),
        total=total,
        next=page_cursor(page[-1].created_at, page[-1].id) if len(found) > limit else "",
    )


def ticket_view(connection: Connection, actor: Actor, id_: str) -> TicketView | None:
    """One ticket with its whole history; what was said only for those who speak with callers."""
    body = connection.scalar(select(tickets.c.body).where(tickets.c.id == id_))
    if body is None:
        return None
    ticket = ticket_of(body)
    heard = utterance_views(connection, ticket.call) if ticket.call and actor.role in PEOPLE_WORK else ()
    lines = history_rows.of_ticket(connection, id_)
    return TicketView(
        ticket=masked_ticket(ticket, actor),
        history=tuple(masked_history(line, actor) for line in lines),
        utterances=heard,
        handoffs=handoff_rows.of_ticket(connection, id_, actor),
    )


def earlier(connection: Connection, number: str, but_call: str) -> tuple[TicketSummary, ...]:
    """Newest tickets of a calling number, but for those of this call."""
    wanted = digits(number)
    if len(wanted) < 5:
        return ()
    c = tickets.c
    found: dict[str, Mapping[str, Any]] = {}
    for column in (c.ani, c.phone):
        query = select(*_LIST).where(column == wanted, c.call != but_call).order_by(c.created_at.desc()).limit(EARLIER)
        found |= {row.id: dict(row._mapping) for row in connection.execute(query)}
    newest = sorted(found.values(), key=lambda r: str(r["created_at"]), reverse=True)[:EARLIER]
    return tuple(summary_of(row) for row in newest)
