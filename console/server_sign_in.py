"""Desk server, at the door: sign-in, sign-out, who am I, and the ticket for the websocket."""

from __future__ import annotations

import asyncio

import structlog
from fastapi import Request, Response

from console.desk import Desk
from console.passwords import MAX_LENGTH, verify_password
from console.server_http import COOKIE, Asker, Refused, address, read_json, reply
from console.sign_ins import token_hash
from console.wire import Login, Me, SignedIn, WsTicket

MAX_LOGIN = 64  # characters

_log = structlog.get_logger(__name__)


async def sign_in(desk: Desk, request: Request) -> Response:
    """POST /api/login."""
    given: Login = await read_json(request, Login)
    if not 0 < len(given.login) <= MAX_LOGIN or not 0 < len(given.password) <= MAX_LENGTH:
        raise Refused(400, "bad_input", "请输入账号和密码")
    came_from, at = address(request), desk.clock()
    if (wait := desk.throttle.wait_s(given.login, came_from, at)) > 0:
        _log.warning("sign-in throttled", address=came_from)
        raise Refused(429, "too_many_attempts", "尝试次数过多，请稍后再试", retry_after=str(int(wait) + 1))
    desk.throttle.attempt(given.login, came_from, at)
    record = await desk.store.user_by_login(given.login)
    known = record.password_hash if record is not None and record.active else None
    async with desk.hashing:
        good = await asyncio.to_thread(verify_password, known, given.password)
    if not good or record is None:
        _log.warning("sign-in refused", address=came_from)
        raise Refused(401, "bad_credentials", "账号或密码不正确")
    desk.throttle.succeeded(given.login, came_from, at)
    if (old := request.cookies.get(COOKIE)) is not None:
        await _end(desk, token_hash(old))
    token = await desk.sign_ins.open(record.actor.user, desk.now())
    _log.info("signed in", user=record.actor.user, role=record.actor.role, address=came_from)
    response = reply(SignedIn(user=record.actor))
    response.set_cookie(
        COOKIE,
        token,
        max_age=desk.sign_ins.longest_s,
        path="/",
        httponly=True,
        samesite="strict",
        secure=desk.options.https,
    )
    return response


async def sign_out(desk: Desk, request: Request, who: Asker) -> Response:
    """POST /api/logout: the sign-in and every socket that stands on it end."""
    await _end(desk, who.token)
    _log.info("signed out", user=who.actor.user)
    response = reply({})
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict", secure=desk.options.https)
    return response


async def _end(desk: Desk, token: str) -> None:
    await desk.sign_ins.close(token)
    desk.hub.revoke(token)


async def me(desk: Desk, request: Request, who: Asker) -> Response:
    """GET /api/me."""
    return reply(Me(user=who.actor, version=desk.options.version, demo=desk.options.demo))


async def ws_ticket(desk: Desk, request: Request, who: Asker) -> Response:
    """POST /api/ws-ticket. The guard has compared the Origin with the list already."""
    return reply(WsTicket(ticket=desk.tickets.issue(who.token, request.headers["origin"], desk.clock())))
