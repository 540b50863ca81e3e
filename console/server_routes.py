"""Desk server, all routes in one table: method, path, who may, and what answers."""

from __future__ import annotations

from console import server_commands, server_exports, server_sign_in, server_views
from console.server_http import OpenRoute, Route
from schemas.commands import Role

ALL: frozenset[Role] = frozenset({"agent", "supervisor", "analyst", "admin"})
HEARS_CALLS: frozenset[Role] = frozenset({"agent", "supervisor"})
AUDITS: frozenset[Role] = frozenset({"supervisor", "admin"})
ANALYSES: frozenset[Role] = frozenset({"analyst", "supervisor", "admin"})

OPEN_ROUTES = (
    OpenRoute(method="POST", path="/api/login", handle=server_sign_in.sign_in),
    OpenRoute(method="GET", path="/api/health", handle=server_views.health),
)
ROUTES = (
    Route(method="POST", path="/api/logout", roles=ALL, handle=server_sign_in.sign_out),
    Route(method="GET", path="/api/me", roles=ALL, handle=server_sign_in.me),
    Route(method="POST", path="/api/ws-ticket", roles=ALL, handle=server_sign_in.ws_ticket),
    Route(method="GET", path="/api/city", roles=ALL, handle=server_views.city),
    Route(method="GET", path="/api/articles/{id}", roles=ALL, handle=server_views.article),
    Route(method="GET", path="/api/calls", roles=HEARS_CALLS, handle=server_views.calls),
    Route(method="GET", path="/api/calls/{id}", roles=HEARS_CALLS, handle=server_views.call),
    # the roles of each command are decided, and refusals audited, where commands are decided
    Route(method="POST", path="/api/commands", roles=ALL, handle=server_commands.command),
    Route(method="GET", path="/api/tickets", roles=ALL, handle=server_views.tickets),
    Route(method="GET", path="/api/tickets/{id}", roles=ALL, handle=server_views.ticket),
    Route(method="GET", path="/api/tickets.csv", roles=ANALYSES, handle=server_exports.tickets_csv),
    Route(method="GET", path="/api/routing", roles=AUDITS, handle=server_views.routing),
    Route(method="GET", path="/api/trends", roles=ANALYSES, handle=server_views.trends),
    Route(method="GET", path="/api/episodes", roles=ANALYSES, handle=server_views.episodes),
    Route(method="GET", path="/api/episodes/{id}", roles=ANALYSES, handle=server_views.episode),
    Route(method="GET", path="/api/trends.csv", roles=ANALYSES, handle=server_exports.trends_csv),
)
