"""Store: the supervisor's routing audit and the analyst's trends."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from console.decide_city import CityFacts
from console.ports import RoutingPage, RoutingQuery, TrendQuery, TrendTable
from pipeline.store.sight import masked_ticket
from pipeline.store.ticket_queries import BadQuery, category_is, from_cursor, page_cursor, page_limit, span
from pipeline.store.ticket_rows import ticket_of, tickets
from schemas.commands import Actor
from schemas.desk import RoutingRow, TrendCell


def routing_page(connection: Connection, actor: Actor, query: RoutingQuery, city: CityFacts) -> RoutingPage:
    """One page of dispatches, newest first; the three counts are over the filter but for `changed` itself."""
    c = tickets.c
    where = [c.mode == "forward", *span(query.since, query.until, city.zone)]
    if query.unit:
        where.append(c.lead_unit == query.unit)
    counted = connection.execute(select(c.routing, func.count().label("n")).where(*where).group_by(c.routing)).all()
    counts: dict[str, int] = {row.routing: row.n for row in counted}
    if query.changed:
        where.append(c.routing == query.changed)
    limit = page_limit(query.limit)
    if query.cursor:
        where.append(from_cursor(query.cursor))
    newest = (c.created_at.desc(), c.id.desc())
    found = connection.execute(
        select(c.id, c.created_at, c.routing, c.list_version, c.body).where(*where).order_by(*newest).limit(limit + 1)
    ).all()
    rows = []
    for row in found[:limit]:
        ticket = ticket_of(row.body)
        first = ticket.proposal.candidates[0] if ticket.proposal and ticket.proposal.candidates else None
        rows.append(
            RoutingRow(
                ticket=masked_ticket(ticket, actor),
                agreed=row.routing == "agreed",
                proposed=first.name if first else "",
                overruled=row.routing == "overruled",
                list_version=row.list_version,
            )
        )
    return RoutingPage(
        rows=tuple(rows),
        total=counts.get(query.changed, 0) if query.changed else sum(counts.values()),
        agreed=counts.get("agreed", 0),
        changed=counts.get("changed", 0),
        overruled=counts.get("overruled", 0),
        next=page_cursor(found[limit - 1].created_at, found[limit - 1].id) if len(found) > limit else "",
    )


def trend_table(connection: Connection, query: TrendQuery, city: CityFacts) -> TrendTable:
    """Time × district × category, counted within one index; days are the city's."""
    c = tickets.c
    bucket = {"day": c.day, "week": c.week, "month": c.month}[query.bucket]
    where = [c.day >= _day(query.since, city.zone, "since"), c.day < _day(query.until, city.zone, "until", up=True)]
    below = c.cat1
    if query.category:
        depth = len(city.category_path(query.category))
        if depth == 0:
            raise BadQuery(f"category: the city has no category {query.category[:40]!r}")
        where.append(category_is(query.category, city))
        below = (c.cat1, c.cat2, c.cat3, c.cat3)[depth]
    if query.district:
        where.append(c.district == (city.place_code(query.district, "district") or query.district))
    if query.kind:
        where.append(c.kind == query.kind)
    counted = connection.execute(
        select(bucket, c.district, below, c.synthetic, func.count())
        .where(*where)
        .group_by(bucket, c.district, below, c.synthetic)
    ).all()
    cells: dict[tuple[str, str, str], int] = {}
    synthetic = 0
    for when, district, category, made_up, n in counted:
        key = (when, district, category)
        cells[key] = cells.get(key, 0) + n
        synthetic += n if made_up else 0
    return TrendTable(
        cells=tuple(TrendCell(bucket=b, district=d, category=k, count=n) for (b, d, k), n in sorted(cells.items())),
        total=sum(cells.values()),
        synthetic=synthetic,
    )


def _day(text: str, zone: str, name: str, up: bool = False) -> str:
    """A filter's instant as a day of the city; `up` rounds a time within a day to the next one."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadQuery(f"{name}: no date or time: {text[:40]!r}") from error
    local = at.astimezone(ZoneInfo(zone)) if at.tzinfo else at
    whole = local.time() == datetime.min.time()
    return (local.date() + timedelta(days=1 if up and not whole else 0)).isoformat()
