"""Who may do what: every role on every route, foreign pages, and that nothing is open by mistake."""

from __future__ import annotations

import uuid
from typing import get_args

import msgspec
import pytest
from fastapi.routing import APIRoute
from starlette.routing import Route, WebSocketRoute

from console.server_routes import OPEN_ROUTES, ROUTES
from schemas.commands import AcknowledgeEpisode, AnyCommand, Role
from tests.unit.console.house import ORIGIN, ROLES, House

SPAN = "since=2026-01-01&until=2026-12-01"
ASKED = {  # route → a request that is well formed
    "/api/me": "/api/me",
    "/api/city": "/api/city",
    "/api/articles/{id}": "/api/articles/a-none",
    "/api/calls": "/api/calls",
    "/api/calls/{id}": "/api/calls/none",
    "/api/tickets": "/api/tickets",
    "/api/tickets/{id}": "/api/tickets/none",
    "/api/tickets.csv": "/api/tickets.csv",
    "/api/routing": "/api/routing",
    "/api/trends": f"/api/trends?{SPAN}",
    "/api/trends.csv": f"/api/trends.csv?{SPAN}",
    "/api/episodes": "/api/episodes",
    "/api/episodes/{id}": "/api/episodes/none",
}
EVERYONE = set(ROLES)
MAY: dict[str, set[str]] = {  # the matrix as it was decided, beside the table that carries it out
    "/api/logout": EVERYONE,
    "/api/me": EVERYONE,
    "/api/ws-ticket": EVERYONE,
    "/api/city": EVERYONE,
    "/api/articles/{id}": EVERYONE,
    "/api/calls": {"agent", "supervisor"},
    "/api/calls/{id}": {"agent", "supervisor"},
    "/api/commands": EVERYONE,  # decided per command, see below
    "/api/tickets": EVERYONE,
    "/api/tickets/{id}": EVERYONE,
    "/api/tickets.csv": {"supervisor", "analyst", "admin"},
    "/api/routing": {"supervisor", "admin"},
    "/api/trends": {"supervisor", "analyst", "admin"},
    "/api/trends.csv": {"supervisor", "analyst", "admin"},
    "/api/episodes": {"supervisor", "analyst", "admin"},
    "/api/episodes/{id}": {"supervisor", "analyst", "admin"},
}


def test_every_route_of_the_app_is_in_the_matrix_or_declared_open(house: House) -> None:
    served = {(path, tuple(route.methods or ())) for route in house.app.routes if (path := getattr(route, "path", ""))
              and isinstance(route, APIRoute | Route)}  # fmt: skip
    known = {(r.path, (r.method,)) for r in (*ROUTES, *OPEN_ROUTES)}
    page = {(path, methods) for path, methods in served if path == "/{path:path}"}
    assert served - page == known
    assert {r.path for r in OPEN_ROUTES} == {"/api/login", "/api/health"}
    assert [r.path for r in house.app.routes if isinstance(r, WebSocketRoute)] == ["/api/ws"]
    assert {r.path for r in ROUTES} == set(MAY)


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_reaches_its_routes_and_no_other(house: House, role: Role) -> None:
    person = await house.person("someone", role)
    for path, url in ASKED.items():
        status = (await person.get(url)).status_code
        if role in MAY[path]:
            assert status in (200, 404), (role, path, status)
        else:
            assert status == 403, (role, path, status)
    assert (await person.post("/api/ws-ticket")).status_code == 200


async def test_nobody_reaches_anything_without_signing_in(house: House) -> None:
    for route in ROUTES:
        url = ASKED.get(route.path, route.path)
        answer = await house.client.request(route.method, url, headers={"origin": ORIGIN})
        assert answer.status_code == 401, route.path
        assert answer.json()["error"] == "not_signed_in"


@pytest.mark.parametrize("cookie", ["x", "x" * 43, "a" * 5000, "'; drop table sessions; --" + "x" * 20, ""])
async def test_a_made_up_cookie_opens_nothing(house: House, cookie: str) -> None:
    answer = await house.client.get("/api/me", headers={"cookie": f"hotline_session={cookie}"})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "origin",
    [None, "null", "https://evil.example", "http://desk.example", "https://desk.example:8443", ORIGIN + ".evil"],
)
async def test_a_foreign_or_missing_origin_changes_nothing(house: House, origin: str | None) -> None:
    person = await house.person("wang")
    headers = {"cookie": f"hotline_session={person.token}", "content-type": "application/json"}
    if origin is not None:
        headers["origin"] = origin
    for path in ("/api/login", "/api/logout", "/api/ws-ticket", "/api/commands"):
        answer = await house.client.post(path, content=b"{}", headers=headers)
        assert (answer.status_code, answer.json()["error"]) == (403, "foreign_origin"), path
    assert (await person.get("/api/me")).status_code == 200


@pytest.mark.parametrize("role", ["analyst", "admin"])
async def test_those_who_only_look_can_give_no_command(house: House, role: Role) -> None:
    person = await house.person("looker", role)
    for kind in set(get_args(AnyCommand)) - ({AcknowledgeEpisode} if role == "analyst" else set()):
        body = {"type": kind.__struct_config__.tag, "command_id": str(uuid.uuid4())}
        for field in msgspec.structs.fields(kind):
            if field.required and field.name != "command_id":
                body[field.name] = _anything(field.name)
        answer = await person.post("/api/commands", body)
        assert answer.status_code == 403, (kind, answer.text)
        assert answer.json()["code"] == "forbidden"


async def test_an_agent_can_not_overrule_a_dispatch(house: House) -> None:
    agent = await house.person("wang")
    answer = await agent.tell("overrule_dispatch", ticket="t", version=1, lead_unit="u-water", reason="错派")
    assert answer.status_code == 403


async def test_an_actor_can_not_be_smuggled_into_a_command(house: House) -> None:
    agent = await house.person("wang")
    answer = await agent.tell("claim_call", call="c", actor={"user": "boss", "role": "supervisor"})
    assert answer.status_code == 400
    assert "actor" in answer.json()["message"]


def _anything(name: str) -> object:
    return {
        "version": 1, "on": True, "fields": {}, "handling_mode": "direct", "outcome": "accepted",
        "content_hash": "0" * 64, "severity": "hot", "how": "urge",
    }.get(name, "x")  # fmt: skip
