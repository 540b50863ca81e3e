"""Desk server, around every HTTP answer: security headers, where a request comes from, and errors that tell nothing."""

from __future__ import annotations

import asyncio
import traceback
from typing import Any

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.desk import Desk
from console.ports import Unavailable
from console.query import BadQuery
from console.server_http import MAX_BODY, Refused, refuse

CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
BEGUN_WITHIN_S = 20.0  # an answer that has not begun by then is 503: a database may stand still without being down
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

_log = structlog.get_logger(__name__)


class AnswerCut(RuntimeError):
    """An answer that had begun could not be finished: the connection is cut, so that nobody takes it for whole."""


class Guard:
    """Promise: no answer without the headers, no change from a foreign page, no word of a fault's text."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app = app
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        begun = False

        async def send_guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                self._add_headers(scope, MutableHeaders(raw=message["headers"]))
            await send(message)

        async def send_in_time(message: Message) -> None:
            waiting.reschedule(None)
            await send_guarded(message)

        try:
            self._check(scope)
            async with asyncio.timeout(BEGUN_WITHIN_S) as waiting:
                await self._app(scope, receive, send_in_time)
        except Exception as error:
            answer = _answer(error)
            if answer.status >= 500:
                _log.error("request failed", path=_route(scope), error=type(error).__name__, place=_place(error))
            if begun:
                raise AnswerCut(type(error).__name__) from None
            await refuse(answer)(scope, receive, send_guarded)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        if scope["method"] not in SAFE and headers.get("origin") not in self._desk.origins:
            _log.warning("foreign origin", path=_route(scope))
            raise Refused(403, "foreign_origin", "请求来源不被允许")
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY:
            raise Refused(413, "too_large", f"请求内容超过 {MAX_BODY // 1024} KB", connection="close")

    def _add_headers(self, scope: Scope, headers: MutableHeaders) -> None:
        for name, value in HEADERS.items():
            headers[name] = value
        if self._desk.options.https:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        if scope["path"].startswith("/api/"):
            headers["Cache-Control"] = "no-store"


def _answer(error: Exception) -> Refused:
    match error:
        case Refused():
            return error
        case Unavailable() | TimeoutError():
            return Refused(503, "unavailable", "数据库暂时没有应答，请稍后再试", retry_after="2")
        case BadQuery():
            return Refused(400, "bad_input", f"查询条件有误：{error}")
    return Refused(500, "internal", "系统内部错误，已记录")


def _route(scope: Scope) -> str:
    """The route's pattern; a path that matched none is not logged, it may hold anything."""
    route: Any = scope.get("route")
    return str(getattr(route, "path", "")) or "unmatched"


def _place(error: Exception) -> str:
    """File and line only: an exception's text may hold what a caller said."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else "unknown"
