"""Desk server, looking: the city, calls, tickets, the routing audit, trends, articles and health."""

from __future__ import annotations

import asyncio
import json

from fastapi import Request, Response

from console.desk import Desk
from console.ports import EpisodeQuery, RoutingQuery, TicketQuery, TrendQuery, Unavailable
from console.query import read_query
from console.server_http import Asker, Refused, asker, reply
from console.wire import CallList, Check, CityView, Health
from schemas.draft import FIELDS
from schemas.ticket import KIND_NAMES, STATE_NAMES, URGENCY_NAMES

STORE_ANSWERS_WITHIN_S = 2.0
TAIL_LATE_S = 15.0  # the tail reads at least every 5 s


def _labelled(desk: Desk, request: Request, body: object) -> Response:
    """An answer that holds what a machine wrote: the label for programs stands in a header too."""
    label = json.dumps(json.loads(desk.label(request.url.path)), separators=(",", ":"))
    return reply(body, headers={"X-AIGC": label})


async def city(desk: Desk, request: Request, who: Asker) -> Response:
    """GET /api/city."""
    pack = desk.city
    return reply(
        CityView(
            manifest=pack.manifest,
            units=pack.units,
            categories=pack.categories,
            places=pack.places,
            scripts=pack.scripts,
            fields=FIELDS,
            kinds=KIND_NAMES,
            urgencies=URGENCY_NAMES,
            states=STATE_NAMES,
        )
    )


async def article(desk: Desk, request: Request, who: Asker) -> Response:
    """GET /api/articles/{id}."""
    found = desk.articles.get(request.path_params["id"])
    if found is None:
        raise Refused(404, "unknown", "没有这篇知识")
    return reply(found)


async def calls(desk: Desk, request: Request, who: Asker) -> Response:
    """GET /api/calls."""
    return _labelled(desk, request, CallList(calls=tuple(await desk.store.calls(who.actor))))


async def call(desk: Desk, request: Request, who: Asker) -> Response:
    """GET /api/calls/{id}. One that may not be seen looks like one that is not there."""
    view = await desk.store.call(who.actor, request.path_params["id"])
    if view is None:
        raise Refused(404, "unknown", "没有这个来电，或您无权查看")
    return _labelled(desk, request, view)


async def tickets(desk: Desk, request: Request, who: Asker) -> Response:
    """GET /api/tickets."""
    query = read_query(TicketQuery, request.query_params.multi_items())
    return _labelled(desk, request, await desk.store.tickets(who.actor, query))


async def ticket(desk: Desk, request: Request, who: Asker) -> Response:
    """GET /api/tickets/{id}."""
    view = await desk.store.ticket(who.actor, request.path_params["id"])
    if view is None:
        raise Refused(404, "unknown", "没有这张工单，或您无权查看")
    return _labelled(desk, request, view)


async def routing(desk: Desk, request: Request, who: Asker) -> Response:
    """GET /api/routing."""
    query = read_query(RoutingQuery, request.query_params.multi_items())
    return _labelled(desk, request, await desk.store.routing(who.actor, query))


async def trends(desk: Desk, request: Request, who: Asker) -> Response:
    """GET /api/trends."""
    return reply(await desk.store.trends(who.actor, read_query(TrendQuery, request.query_params.multi_items())))


async def episodes(desk: Desk, request: Request, who: Asker) -> Response:
    """GET /api/episodes."""
    return reply(await desk.store.episodes(who.actor, read_query(EpisodeQuery, request.query_params.multi_items())))


async def episode(desk: Desk, request: Request, who: Asker) -> Response:
    """GET /api/episodes/{id}."""
    found = await desk.store.episode(who.actor, request.path_params["id"])
    if found is None:
        raise Refused(404, "unknown", "没有这条苗头预警，或您无权查看")
    return _labelled(desk, request, found)


async def health(desk: Desk, request: Request) -> Response:
    """GET /api/health: anyone learns whether all is well, supervisors and admins also what is not."""
    checks = {"store": await _store(desk), "push": _tail(desk), **await desk.health()}
    ok = all(check.ok for check in checks.values())
    try:
        who = await asker(desk, request)
    except Unavailable:
        who = None
    if who is None or who.actor.role not in ("supervisor", "admin"):
        checks = {name: Check(ok=check.ok) for name, check in checks.items()}
    return reply(Health(ok=ok, checks=checks, demo=desk.options.demo), 200 if ok else 503)


async def _store(desk: Desk) -> Check:
    try:
        async with asyncio.timeout(STORE_ANSWERS_WITHIN_S):
            await desk.store.newest_row()
    except (Unavailable, TimeoutError):
        return Check(ok=False, detail="数据库没有应答")
    return Check(ok=True)


def _tail(desk: Desk) -> Check:
    age = desk.clock() - desk.hub.looked
    late = age > TAIL_LATE_S
    detail = f"{len(desk.hub)} 个坐席连接" + ("，推送停滞" if late else "")
    return Check(ok=not late, detail=detail, value=round(age, 1), unit="s")
