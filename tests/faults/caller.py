"""A switch that forks a call to whichever gateway of the house takes it, and comes back when it loses one."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Sequence

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from schemas.ids import call_id
from tests.faults.house import TOKEN
from tests.faults.spoken import MESSAGE_S, messages_of, phone_of

SEND_S = 2.0  # a gateway that takes nothing for so long is given up
CLOSE_S = 20.0  # a gateway may take so long to come to the stop
AGAIN_S = 0.3
PATIENCE_S = 120.0  # after the call's own length; then the switch gives the call up


class Line(msgspec.Struct, kw_only=True):
    """One connection: which messages were handed to it, and how it ended."""

    door: str
    messages: list[int]
    code: int = 0  # WebSocket close code, or HTTP status; 0 = cut
    reason: str = ""  # in the door's words
    stopped: bool = False  # the stop was sent


class Caller:
    """One call, at the pace of speech or faster. What was said while no gateway was there is lost, as on a real line."""

    def __init__(self, source: str, agent: str | None = None, pace: float = 1.0) -> None:
        self.source, self.agent, self.pace = source, agent, pace
        self.call = call_id("ws", source)
        self.lines: list[Line] = []
        self.sent = 0  # number of the next message
        self.is_over = False  # a gateway has taken the stop, or says that the call has ended

    @property
    def share(self) -> float:
        """Of the call, how much has been said."""
        return self.sent / len(messages_of(self.call))

    async def ring(self, doors: Sequence[str]) -> None:
        """Returns when the call is over, or given up."""
        messages = messages_of(self.call)
        begun = time.monotonic()
        given_up = begun + len(messages) * MESSAGE_S / self.pace + PATIENCE_S
        tries = uuid.UUID(self.call).int % len(doors)
        while not self.is_over and time.monotonic() < given_up:
            line = Line(door=doors[tries % len(doors)], messages=[])
            self.lines.append(line)
            try:
                await self._feed(line, messages, begun)
            except ConnectionClosed as closed:
                if closed.rcvd is not None:
                    line.code, line.reason = closed.rcvd.code, closed.rcvd.reason
            except InvalidHandshake as refused:
                line.code = getattr(getattr(refused, "response", None), "status_code", 0)
            except (OSError, TimeoutError):
                pass
            self.is_over = (line.code == 1000 and line.stopped) or "has ended" in line.reason
            if not self.is_over:
                tries += 1
                await asyncio.sleep(AGAIN_S)

    async def _feed(self, line: Line, messages: list[bytes], begun: float) -> None:
        async with connect(
            line.door,
            additional_headers={"Authorization": f"Bearer {TOKEN}"},
            compression=None,
            ping_timeout=None,
            open_timeout=SEND_S,
            close_timeout=0.2,
            proxy=None,
        ) as socket:
            await self._send(socket, json.dumps(self._start()))
            if len(self.lines) > 1:  # a switch forks what is being spoken now
                self.sent = max(self.sent, min(len(messages), int((time.monotonic() - begun) * self.pace / MESSAGE_S)))
            while self.sent < len(messages):
                early = begun + (self.sent + 1) * MESSAGE_S / self.pace - time.monotonic()
                if early > 0:
                    await asyncio.sleep(early)
                n, self.sent = self.sent, self.sent + 1
                line.messages.append(n)
                await self._send(socket, messages[n])
            line.stopped = True
            await self._send(socket, '{"type":"stop"}')
            async with asyncio.timeout(CLOSE_S):
                await socket.recv()  # a door has nothing to say: it closes

    async def _send(self, socket: ClientConnection, message: str | bytes) -> None:
        async with asyncio.timeout(SEND_S):
            await socket.send(message)

    def _start(self) -> dict[str, object]:
        fields = {
            "v": 1,
            "type": "start",
            "call": self.source,
            "codec": "PCMA",
            "rate": 8000,
            "legs": ["caller", "agent"],
            "notice": "played",
            "ani": phone_of(self.call),
        }
        return fields | ({"agent": self.agent} if self.agent else {})
