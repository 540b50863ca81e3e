"""The desk server: the app behind browser pages, and the loop that serves it. Step 8 of a call happens through here."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import uvicorn
from fastapi import FastAPI, Request, Response, WebSocket
from starlette.exceptions import HTTPException

from console.desk import Desk, DeskOptions
from console.ports import DeskStore, Health, Observe, PartialFeed
from console.server_guard import Guard
from console.server_http import MAX_BODY, OpenRoute, Refused, Route, asker, refuse
from console.server_routes import OPEN_ROUTES, ROUTES
from console.server_socket import DeskSocketProtocol
from console.server_static import Page
from console.server_ws import desk_socket
from schemas.catalogue import CityPack

App = FastAPI  # what `make_app` makes, for those who only pass it on
Endpoint = Callable[[Request], Awaitable[Response]]

DRAIN_S = 5  # what is being answered may finish


def _utc_now() -> datetime:
    return datetime.now(UTC)


def make_app(
    store: DeskStore,
    partials: PartialFeed,
    city: CityPack,
    options: DeskOptions | None = None,
    now: Callable[[], datetime] = _utc_now,
    health: Health | None = None,
    observe: Observe | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> FastAPI:
    """The whole app; `app.state.desk` is what its routes share. While it runs (lifespan) the hub hands out."""
    extra = {name: port for name, port in (("health", health), ("observe", observe)) if port is not None}
    desk = Desk(store, partials, city, options or DeskOptions(), now, clock, **extra)  # type: ignore[arg-type]

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        stop = asyncio.Event()
        hub = asyncio.create_task(desk.hub.run(stop))
        yield
        stop.set()
        await hub

    app = FastAPI(title="12345热线智能辅助", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.desk = desk
    for open_route in OPEN_ROUTES:
        app.add_api_route(open_route.path, _open(desk, open_route), methods=[open_route.method], response_model=None)
    for route in ROUTES:
        app.add_api_route(route.path, _guarded(desk, route), methods=[route.method], response_model=None)

    @app.websocket("/api/ws")
    async def live(websocket: WebSocket) -> None:
        await desk_socket(desk, websocket)

    app.add_api_route("/{path:path}", Page(desk.options.web).__call__, methods=["GET", "HEAD"], response_model=None)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_middleware(Guard, desk=desk)
    return app


def _open(desk: Desk, route: OpenRoute) -> Endpoint:
    async def answer(request: Request) -> Response:
        return await route.handle(desk, request)

    return answer


def _guarded(desk: Desk, route: Route) -> Endpoint:
    async def answer(request: Request) -> Response:
        who = await asker(desk, request)
        if who is None:
            raise Refused(401, "not_signed_in", "请先登录")
        if who.actor.role not in route.roles:
            raise Refused(403, "forbidden", "您的角色无权进行此操作")
        return await route.handle(desk, request, who)

    return answer


async def _http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    names = {404: ("unknown", "没有这个接口"), 405: ("wrong_method", "不支持这种请求方法")}
    return refuse(Refused(status, *names.get(status, ("refused", "请求未被接受"))))


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # signals belong to the process, not to this part of it


def own_origins(host: str, port: int) -> frozenset[str]:
    """Origins under which a page of this machine reaches the console."""
    hosts = {"127.0.0.1", "localhost"} | ({host} if host not in ("0.0.0.0", "::", "") else set())
    return frozenset(f"http://{f'[{h}]' if ':' in h else h}:{port}" for h in hosts)


async def serve(
    app: FastAPI,
    host: str,
    port: int,
    stop: asyncio.Event,
    ready: Callable[[int], None] = lambda port: None,
) -> None:
    """Serves until `stop`; `ready` gets the port once connections are taken (port 0 = any free one)."""
    desk: Desk = app.state.desk
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family, backlog=512) as listening:
        bound = listening.getsockname()[1]
        if not desk.options.origins:
            desk.origins = own_origins(host, bound)
        server = _Server(
            uvicorn.Config(
                app,
                ws=DeskSocketProtocol,
                ws_max_size=MAX_BODY,
                ws_ping_interval=desk.options.ping_s,
                ws_ping_timeout=desk.options.ping_s,
                ws_per_message_deflate=False,
                access_log=False,  # addresses hold phone numbers and search words
                log_config=None,
                server_header=False,
                timeout_graceful_shutdown=DRAIN_S,
            )
        )
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        stopping = asyncio.create_task(stop.wait())
        try:
            up = asyncio.create_task(server.up.wait())
            await asyncio.wait({serving, up}, return_when=asyncio.FIRST_COMPLETED)
            up.cancel()
            if not serving.done():
                ready(bound)
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            # 1. Pages are told to go before the server stops listening to their answers. 2. Requests under way end.
            desk.hub.drain()
            server.should_exit = True
            await serving
        finally:
            stopping.cancel()
            if not serving.done():
                server.force_exit = True
                serving.cancel()
                await asyncio.gather(serving, return_exceptions=True)
