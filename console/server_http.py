"""Desk server, what all routes share: answers, refusals, reading a body, and who is asking."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import msgspec
from fastapi import Request, Response

from console.desk import Desk
from console.sign_ins import token_hash
from console.wire import Refusal
from schemas.commands import Actor, Role

COOKIE = "hotline_session"
MAX_BODY = 64 * 1024  # bytes

T = TypeVar("T")


class Refused(Exception):
    """The request is answered with an error."""

    def __init__(self, status: int, error: str, message: str, **headers: str) -> None:
        super().__init__(error)
        self.status = status
        self.refusal = Refusal(error=error, message=message)
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Asker(msgspec.Struct, frozen=True, kw_only=True):
    """Who is asking, from the cookie alone."""

    actor: Actor
    token: str  # hash of the sign-in


Handler = Callable[[Desk, Request, Asker], Awaitable[Response]]
OpenHandler = Callable[[Desk, Request], Awaitable[Response]]


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """One route and who may use it. There is no other way to add one: nothing is open by mistake."""

    method: str
    path: str
    roles: frozenset[Role]
    handle: Handler


class OpenRoute(msgspec.Struct, frozen=True, kw_only=True):
    """One route that needs no sign-in."""

    method: str
    path: str
    handle: OpenHandler


def reply(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(msgspec.json.encode(body), status, headers, media_type="application/json")


def refuse(error: Refused) -> Response:
    return reply(error.refusal, error.status, error.headers)


async def asker(desk: Desk, request: Request) -> Asker | None:
    """Who is signed in; None for nobody."""
    cookie = request.cookies.get(COOKIE, "")
    if not 20 <= len(cookie) <= 200:
        return None
    hashed = token_hash(cookie)
    actor = await desk.sign_ins.actor(hashed, desk.now())
    return Asker(actor=actor, token=hashed) if actor is not None else None


async def read_json(request: Request, kind: Any) -> Any:
    """The body as `kind`. Too large, not JSON, or not of the kind: Refused says which field."""
    if request.headers.get("content-type", "").split(";")[0].strip().lower() != "application/json":
        raise Refused(415, "wrong_type", "请求内容须为 application/json")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise Refused(413, "too_large", f"请求内容超过 {MAX_BODY // 1024} KB", connection="close")
    try:
        return msgspec.json.decode(bytes(body), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(400, "bad_input", f"请求内容有误：{error}") from None


def address(request: Request) -> str:
    return request.client.host if request.client is not None else "unknown"
