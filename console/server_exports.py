"""Desk server, taking data away: CSV of tickets and trends, streamed page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import quote

import msgspec
import structlog
from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from console import export
from console.aigc import explicit_label
from console.desk import Desk
from console.ports import TicketPage, TicketQuery, TrendQuery
from console.query import MAX_ROWS, read_query
from console.server_http import Asker

_log = structlog.get_logger(__name__)


async def tickets_csv(desk: Desk, request: Request, who: Asker) -> Response:
    """GET /api/tickets.csv, all pages. The first is read before the answer begins: errors keep their status."""
    given = [(name, value) for name, value in request.query_params.multi_items() if name not in ("limit", "cursor")]
    query = msgspec.structs.replace(read_query(TicketQuery, given), limit=MAX_ROWS)
    first = await desk.store.tickets(who.actor, query)
    _log.info("export", what="tickets", user=who.actor.user, rows=first.total)

    async def parts() -> AsyncIterator[str]:
        yield _head(desk, who, "tickets", export.TICKET_HEAD)
        page: TicketPage = first
        while True:
            yield export.lines(export.ticket_row(ticket, desk.names) for ticket in page.tickets)
            if not page.next:
                return
            page = await desk.store.tickets(who.actor, msgspec.structs.replace(query, cursor=page.next))

    return StreamingResponse(parts(), media_type="text/csv; charset=utf-8", headers=_headers(desk, "tickets", "工单"))


async def trends_csv(desk: Desk, request: Request, who: Asker) -> Response:
    """GET /api/trends.csv."""
    table = await desk.store.trends(who.actor, read_query(TrendQuery, request.query_params.multi_items()))
    _log.info("export", what="trends", user=who.actor.user, rows=len(table.cells))
    body = _head(desk, who, "trends", export.TREND_HEAD) + export.lines(export.trend_rows(table, desk.names))
    return Response(body, media_type="text/csv; charset=utf-8", headers=_headers(desk, "trends", "趋势"))


def _head(desk: Desk, who: Asker, what: str, columns: tuple[str, ...]) -> str:
    made = desk.wall()
    explicit = explicit_label(desk.options.version, made, who.actor.name)
    return export.head(explicit, desk.label(f"{what}|{made}|{who.actor.user}"), columns)


def _headers(desk: Desk, plain: str, title: str) -> dict[str, str]:
    day = desk.now().strftime("%Y%m%d")
    full = quote(f"{desk.city.manifest.title}12345{title}-{day}.csv")
    return {"Content-Disposition": f"attachment; filename=\"{plain}-{day}.csv\"; filename*=UTF-8''{full}"}
