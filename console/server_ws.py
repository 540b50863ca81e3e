"""Desk server, the live wire: carries a desk session over one websocket, and does what the session asks for."""

from __future__ import annotations

import asyncio

import structlog
from fastapi import WebSocket
from starlette.websockets import WebSocketDisconnect

from console.desk import Desk
from console.following import Recover
from console.hub import Seat
from console.ports import Unavailable
from console.session import Ask, DeskSession, Redeem
from schemas.commands import Actor

TICK_S = 1.0
MAX_WAITING = 100  # sockets without a ticket yet; they are closed after 10 s

_log = structlog.get_logger(__name__)


async def desk_socket(desk: Desk, socket: WebSocket) -> None:
    """WS /api/ws. A foreign or missing Origin is refused before the handshake."""
    origin = socket.headers.get("origin", "")
    if origin not in desk.origins:
        _log.warning("socket refused", reason="foreign origin")
        await socket.close()
        return
    await socket.accept()
    if len(desk.hub) >= desk.options.max_sockets or desk.hub.waiting >= MAX_WAITING:
        _log.warning("socket refused", reason="too many")
        await socket.close(4013, "too many")
        return
    seat = desk.hub.join(DeskSession(desk.clock()))
    desk.observe("hotline_desk_sockets", len(desk.hub))
    try:
        await _Wire(desk, socket, seat, origin).run()
    finally:
        desk.hub.leave(seat)
        desk.observe("hotline_desk_sockets", len(desk.hub))


class _Wire:
    """One socket. Three loops share the session: one hears, one sends, one steers; the first to end ends all."""

    def __init__(self, desk: Desk, socket: WebSocket, seat: Seat, origin: str) -> None:
        self._desk = desk
        self._socket = socket
        self._seat = seat
        self._session = seat.session
        self._origin = origin
        self._doing: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        loops = [asyncio.create_task(loop()) for loop in (self._hear, self._send, self._steer)]
        try:
            await asyncio.wait(loops, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (*loops, *self._doing):
                task.cancel()
            results = await asyncio.gather(*loops, *self._doing, return_exceptions=True)
        failed = [r for r in results if isinstance(r, Exception) and not isinstance(r, WebSocketDisconnect)]
        if failed:
            _log.error("socket failed", error=type(failed[0]).__name__, user=self._user)
            self._session.close(1012, "restart")
        closing = self._session.closing
        if closing is not None:
            if closing.code == 4008:
                self._desk.observe("hotline_desk_slow_closes_total", 1)
            _log.info("socket closed", code=closing.code, reason=closing.reason[:40], user=self._user)
            await self._socket.close(closing.code, closing.reason[:80])

    @property
    def _user(self) -> str:
        return self._session.actor.user if self._session.actor is not None else ""

    async def _hear(self) -> None:
        while self._session.closing is None:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            if text is None:
                self._session.close(1003, "text frames only")
            else:
                self._session.received(text, self._desk.clock())
            self._seat.wake()

    async def _send(self) -> None:
        while True:
            self._seat.frames.clear()
            while (frame := self._session.take()) is not None:
                await self._socket.send_text(frame.decode())
                self._seat.work.set()  # recovered rows may have moved up, and shown a hole
            await self._seat.frames.wait()

    async def _steer(self) -> None:
        ticked = self._desk.clock()
        while self._session.closing is None:
            self._seat.work.clear()
            if self._desk.clock() - ticked >= TICK_S:
                ticked = self._desk.clock()
                self._session.tick(ticked, self._desk.wall())
                self._seat.frames.set()
            for ask in self._session.take_asks():
                task = asyncio.create_task(self._do(ask))
                self._doing.add(task)
                task.add_done_callback(self._doing.discard)
            if self._session.closing is None:
                try:
                    async with asyncio.timeout(TICK_S):
                        await self._seat.work.wait()
                except TimeoutError:
                    continue

    async def _do(self, ask: Ask) -> None:
        try:
            if isinstance(ask, Redeem):
                await self._redeem(ask)
            elif isinstance(ask, Recover):
                await self._recover(ask)
            else:
                self._session.validated(await self._current(active=False), self._desk.clock())
        except Unavailable:
            self._session.unanswered(ask)
        except Exception as error:
            _log.error("ask failed", ask=type(ask).__name__, error=type(error).__name__, user=self._user)
            self._session.close(1012, "restart")
        self._seat.wake()

    async def _current(self, active: bool) -> Actor | None:
        return await self._desk.sign_ins.actor(self._seat.token, self._desk.now(), active)

    async def _redeem(self, ask: Redeem) -> None:
        token = self._desk.tickets.redeem(ask.ticket, self._origin, self._desk.clock())
        if token is None:
            return self._session.not_authenticated()
        self._seat.token = token
        actor = await self._current(active=True)
        if actor is None:
            return self._session.not_authenticated()
        own = (f"agent:{actor.user}", "queue", "floor")
        streams = tuple(stream for stream in own if self._desk.store.may_follow(actor, stream))
        self._session.authenticated(actor, streams, self._desk.clock(), self._desk.wall())

    async def _recover(self, ask: Recover) -> None:
        store, actor = self._desk.store, self._session.actor
        if actor is None or not store.may_follow(actor, ask.stream):
            return self._session.refused(ask)
        kind, _, name = ask.stream.partition(":")
        if kind == "call" and await store.call(actor, name) is None:
            return self._session.refused(ask)
        rows = await store.rows_of(ask.stream, ask.epoch, ask.offset) if ask.epoch else None
        if rows is not None:
            self._session.recovered(ask, rows)
        else:
            self._session.lost(ask, *await store.position(ask.stream))
