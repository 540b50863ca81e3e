"""A city's ticket system, for tests: a real HTTP server on this machine that answers as a script says."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from pipeline.record.webhook import Webhook
from pipeline.record.webhook_options import WebhookOptions

KEY = b"a-key-of-tests-of-32-bytes-long!"
Play = Callable[["Request", asyncio.StreamWriter], Awaitable[None]]


class Request(NamedTuple):
    """What came in."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


def says(status: int, body: Any = None, **headers: str) -> Play:
    """An ordinary answer; `retry_after="5"` becomes the header Retry-After."""
    data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()

    async def play(request: Request, writer: asyncio.StreamWriter) -> None:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [f"HTTP/1.1 {status} X", f"content-length: {len(data)}", *(f"{k}: {v}" for k, v in given.items())]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + data)
        await writer.drain()

    return play


async def hangs(request: Request, writer: asyncio.StreamWriter) -> None:
    """Takes the request and never answers."""
    await asyncio.Event().wait()


async def drips(request: Request, writer: asyncio.StreamWriter) -> None:
    """Answers 200 at once, and its body a byte at a time without end."""
    writer.write(b"HTTP/1.1 200 X\r\ncontent-length: 100000\r\n\r\n")
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.01)


async def floods(request: Request, writer: asyncio.StreamWriter) -> None:
    """Answers 200 with a body without end."""
    writer.write(b"HTTP/1.1 200 X\r\ncontent-type: application/json\r\n\r\n{")
    while True:
        writer.write(b'"x":1,' * 4096)
        await writer.drain()


async def cuts(request: Request, writer: asyncio.StreamWriter) -> None:
    """Hangs up without a word."""
    writer.close()


class Receiver:
    """Plays its script, one entry per request; afterwards it takes everything, knowing a repeat by its id."""

    def __init__(self) -> None:
        self.script: list[Play] = []
        self.met: list[Request] = []
        self.taken: dict[str, bytes] = {}  # id → body
        self.url = ""
        self._open: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while not writer.is_closing():
                request = await self._read(reader)
                self.met.append(request)
                play = self.script.pop(0) if self.script else self.take
                await play(request, writer)
        self._open.discard(task)
        writer.close()

    async def take(self, request: Request, writer: asyncio.StreamWriter) -> None:
        """The receiver's duties, as docs/handoff.md has them: verify, know repeats, give a receipt."""
        if not genuine(request, KEY):
            return await says(401)(request, writer)
        known = request.id in self.taken
        self.taken.setdefault(request.id, request.body)
        receipt = {"receipt": f"R-{list(self.taken).index(request.id) + 1}"}
        await says(409 if known else 200, receipt)(request, writer)

    async def _read(self, reader: asyncio.StreamReader) -> Request:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:] if line)}
        return Request(head[0], headers, await reader.readexactly(int(headers.get("content-length", 0))))

    async def close(self) -> None:
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)


def genuine(request: Request, key: bytes) -> bool:
    """Verification as the public convention describes it, written here anew from that description."""
    signed = b".".join((request.id.encode(), request.headers["webhook-timestamp"].encode(), request.body))
    wanted = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = (part.partition(",") for part in request.headers["webhook-signature"].split())
    return any(version == "v1" and hmac.compare_digest(mac, wanted) for version, _, mac in given)


@asynccontextmanager
async def receiving(tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """A receiver on a free port of this machine."""
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=tls)
    receiver.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}/tickets"
    try:
        yield receiver
    finally:
        server.close()
        await receiver.close()


@asynccontextmanager
async def webhook(
    url: str, timeout_s: float = 60.0, keys: tuple[bytes, ...] = (KEY,), authority: str = ""
) -> AsyncIterator[Webhook]:
    made = Webhook(WebhookOptions(url=url, keys=keys, timeout_s=timeout_s, authority=authority))
    try:
        yield made
    finally:
        await made.close()
