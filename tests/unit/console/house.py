"""The desk's house for tests: the real app over a real store, people signed in, sockets without a network."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import msgspec

from console.decide_city import city_facts
from console.desk import Desk, DeskOptions
from console.passwords import hash_password
from console.server import make_app
from console.server_http import COOKIE
from pipeline.log.memory import MemoryLog
from pipeline.record.recorder import Recorder
from pipeline.store.sql_store import SqlStore
from routing.city.load import city_dir, load_city
from schemas import Event
from schemas.codec import encode
from schemas.commands import Actor, Role
from schemas.desk import Partial
from tests.script import topic_of

CITY = load_city(city_dir("yunlan"))
FACTS = city_facts(CITY)
PASSWORD = "right-horse"  # of every account in these tests
HASHED = hash_password(PASSWORD)
ORIGIN = "https://desk.example"
ROLES: tuple[Role, ...] = ("agent", "supervisor", "analyst", "admin")


class Times:
    """Both clocks of the desk; they move only when a test says so."""

    def __init__(self) -> None:
        self.wall = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
        self.mono = 1000.0

    def pass_(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.mono += seconds


class Feed:
    """Partials as a test says them."""

    def __init__(self) -> None:
        self.said: asyncio.Queue[Partial] = asyncio.Queue()

    async def follow(self) -> AsyncIterator[Partial]:
        while True:
            yield await self.said.get()


class Person:
    """Someone signed in, with the browser's cookie and Origin."""

    def __init__(self, actor: Actor, token: str, client: httpx.AsyncClient) -> None:
        self.actor = actor
        self.token = token
        self._client = client

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self._client.get(path, headers=self._headers(), **more)

    async def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        sent = {"content-type": "application/json", "origin": ORIGIN, **self._headers(), **headers}
        return await self._client.post(
            path, content=msgspec.json.encode(body) if body is not None else b"", headers=sent
        )

    async def tell(self, kind: str, **fields: Any) -> httpx.Response:
        """Gives a command."""
        return await self.post("/api/commands", {"type": kind, "command_id": str(uuid.uuid4()), **fields})

    async def ws_ticket(self) -> str:
        return (await self.post("/api/ws-ticket")).json()["ticket"]

    def _headers(self) -> dict[str, str]:
        return {"cookie": f"{COOKIE}={self.token}"}


class Socket:
    """One websocket to the app, spoken in ASGI messages: no network, no port."""

    def __init__(self, app: Any, origin: str | None) -> None:
        self._to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._from_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        headers = [(b"origin", origin.encode())] if origin is not None else []
        scope = {
            "type": "websocket",
            "path": "/api/ws",
            "raw_path": b"/api/ws",
            "query_string": b"",
            "headers": headers,
        }
        scope |= {"client": ("127.0.0.1", 1), "server": ("desk.example", 443), "scheme": "wss", "subprotocols": []}
        self._to_app.put_nowait({"type": "websocket.connect"})
        self.reading = asyncio.Event()  # cleared: the browser has stalled and takes nothing
        self.reading.set()
        self._task = asyncio.create_task(app(scope, self._to_app.get, self._take))

    async def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "websocket.send":
            await self.reading.wait()
        self._from_app.put_nowait(message)

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(60):
            return await self._from_app.get()

    async def frame(self) -> dict[str, Any]:
        message = await self.next()
        assert message["type"] == "websocket.send", message
        return msgspec.json.decode(message["text"])

    async def frames_until(self, kind: str) -> list[dict[str, Any]]:
        got = [await self.frame()]
        while got[-1]["t"] != kind:
            got.append(await self.frame())
        return got

    async def closed(self) -> int:
        """Waits for the close; gives its code."""
        while (message := await self.next())["type"] != "websocket.close":
            pass
        return int(message.get("code", 1000))

    def send(self, **body: Any) -> None:
        self._to_app.put_nowait({"type": "websocket.receive", "text": msgspec.json.encode(body).decode()})

    async def hang_up(self) -> None:
        self._to_app.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await asyncio.gather(self._task, return_exceptions=True)


class House:
    """The app and everything a test does to it."""

    def __init__(self, store: SqlStore, feed: Feed, city: Any, options: DeskOptions, times: Times) -> None:
        self.store = store
        self.feed = feed
        self.times = times
        self.app = make_app(store, feed, city, options, now=lambda: times.wall, clock=lambda: times.mono)
        self.desk: Desk = self.app.state.desk
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url=ORIGIN)
        self.sockets: list[Socket] = []
        self.log = MemoryLog()
        self._recorder = Recorder(self.log, store)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        stop = asyncio.Event()
        hub = asyncio.create_task(self.desk.hub.run(stop))
        try:
            yield
        finally:
            await asyncio.gather(*(socket.hang_up() for socket in self.sockets))
            stop.set()
            await hub
            await self.client.aclose()

    async def account(self, login: str, role: Role = "agent", active: bool = True) -> Actor:
        return await self.store.ensure_user(login, f"{login}先生", role, HASHED, active=active)

    async def person(self, login: str, role: Role = "agent") -> Person:
        """Someone with an account, signed in."""
        actor = await self.account(login, role)
        return Person(actor, await self.desk.sign_ins.open(actor.user, self.times.wall), self.client)

    def socket(self, origin: str | None = ORIGIN) -> Socket:
        self.sockets.append(socket := Socket(self.app, origin))
        return socket

    async def desk_of(self, person: Person) -> Socket:
        """A socket that is signed in."""
        socket = self.socket()
        assert (await socket.next())["type"] == "websocket.accept"
        socket.send(t="auth", ticket=await person.ws_ticket())
        assert (await socket.frame())["t"] == "hello"
        return socket

    async def record(self, *events: Event) -> None:
        """Events through the log and the recorder into the store, as in service."""
        for event in events:
            await self.log.append(topic_of(event), event.call, encode(event))
            await self._recorder.drain()

    async def push(self, stream: str, kind: str = "degraded", data: Any = None, n: int = 1) -> None:
        """Writes rows of a desk stream as the recorder does."""
        body = data if data is not None else {"flags": []}
        at = self.times.wall.timestamp()
        await self.store.write(lambda tx: [tx.push(stream, kind, body, at) for _ in range(n)])
