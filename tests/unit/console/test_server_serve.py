"""The desk over a real network: handshake, headers, a browser that stalls with its line full, and a clean end."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable

import httpx
import msgspec
import pytest
import websockets

from console.desk import DeskOptions
from console.server import own_origins, serve
from tests.unit.console.house import House


@contextlib.asynccontextmanager
async def served(house: House, **options: float) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """The house's app on a free port of this machine; gives its address and the way to stop it."""
    house.desk.options = DeskOptions(**options)  # type: ignore[arg-type]
    stop, port = asyncio.Event(), asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(serve(house.app, "127.0.0.1", 0, stop, port.set_result))
    try:
        async with asyncio.timeout(120):
            yield f"127.0.0.1:{await port}", stop
            stop.set()
            await serving
    finally:
        stop.set()
        await asyncio.gather(serving, return_exceptions=True)


async def until(true: Callable[[], bool]) -> None:
    """The network takes the time it takes; a test that waits in vain runs into `served`'s limit."""
    while not true():  # noqa: ASYNC110 - nobody rings a bell for a closed socket
        await asyncio.sleep(0.01)


async def test_a_page_of_this_machine_signs_in_and_follows(house: House) -> None:
    person = await house.person("wang")
    async with served(house) as (address, _):
        origin = f"http://{address}"
        async with httpx.AsyncClient(base_url=origin, headers={"origin": origin, **person._headers()}) as client:
            assert (await client.get("/api/me")).json()["user"]["login"] == "wang"
            assert "server" not in (await client.get("/api/me")).headers
            ticket = (await client.post("/api/ws-ticket")).json()["ticket"]
        async with websockets.connect(f"ws://{address}/api/ws", origin=origin) as wire:  # type: ignore[arg-type]
            assert wire.response is not None and "Sec-WebSocket-Extensions" not in wire.response.headers
            await wire.send(msgspec.json.encode({"t": "auth", "ticket": ticket}).decode())
            assert msgspec.json.decode(await wire.recv())["t"] == "hello"
            await wire.send('{"t":"resume","stream":"queue"}')
            assert msgspec.json.decode(await wire.recv())["t"] == "recovered"
            await house.push("queue")
            assert msgspec.json.decode(await wire.recv())["kind"] == "degraded"


@pytest.mark.parametrize("origin", [None, "http://evil.example"])
async def test_a_foreign_handshake_is_answered_403(house: House, origin: str | None) -> None:
    async with served(house) as (address, _):
        with pytest.raises(websockets.InvalidStatus) as refused:
            await websockets.connect(f"ws://{address}/api/ws", origin=origin)  # type: ignore[arg-type]
        assert refused.value.response.status_code == 403


async def test_a_message_over_64_kib_ends_the_socket(house: House) -> None:
    async with served(house) as (address, _):
        wire = await websockets.connect(f"ws://{address}/api/ws", origin=f"http://{address}")  # type: ignore[arg-type]
        await wire.send("x" * 70_000)
        with pytest.raises(websockets.ConnectionClosedError) as ended:
            await wire.recv()
        assert ended.value.rcvd is not None and ended.value.rcvd.code == 1009


async def test_stopping_tells_the_pages_1001_and_ends(house: House) -> None:
    person = await house.person("wang")
    async with served(house) as (address, stop):
        origin = f"http://{address}"
        house.desk.origins = house.desk.origins | {"https://desk.example"}
        async with websockets.connect(f"ws://{address}/api/ws", origin=origin) as wire:  # type: ignore[arg-type]
            ticket = (await person.post("/api/ws-ticket", origin=origin)).json()["ticket"]
            await wire.send(msgspec.json.encode({"t": "auth", "ticket": ticket}).decode())
            await wire.recv()
            stop.set()
            with pytest.raises(websockets.ConnectionClosed) as ended:
                while True:
                    await wire.recv()
            assert ended.value.rcvd is not None and ended.value.rcvd.code == 1001


async def test_a_browser_that_never_reads_is_cut_and_the_others_get_all_300(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.server_socket.LINGER_S", 0.2)
    person = await house.person("wang")
    async with served(house) as (address, _):
        origin = f"http://{address}"
        house.desk.origins = house.desk.origins | {"https://desk.example"}

        async def follow(wire: websockets.ClientConnection) -> None:
            ticket = (await person.post("/api/ws-ticket", origin=origin)).json()["ticket"]
            await wire.send(msgspec.json.encode({"t": "auth", "ticket": ticket}).decode())
            await wire.recv()
            await wire.send('{"t":"resume","stream":"queue"}')
            assert msgspec.json.decode(await wire.recv())["t"] == "recovered"

        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        host, port = address.split(":")
        deaf.setblocking(False)
        await asyncio.get_running_loop().sock_connect(deaf, (host, int(port)))
        stalled = await websockets.connect(f"ws://{address}/api/ws", origin=origin, sock=deaf, max_queue=1)  # type: ignore[arg-type]
        await follow(stalled)
        async with contextlib.AsyncExitStack() as open_:
            wires = []
            for _ in range(3):
                wire = await open_.enter_async_context(
                    websockets.connect(f"ws://{address}/api/ws", origin=origin, max_queue=None)  # type: ignore[arg-type]
                )
                await follow(wire)
                wires.append(wire)
            stalled.transport.pause_reading()
            assert len(house.desk.hub) == 4
            for n in range(300):
                await house.push("queue", data={"flags": [], "n": n, "pad": "x" * 20_000})
                if n % 20 == 19:
                    for wire in wires:
                        got = [msgspec.json.decode(await wire.recv())["data"]["n"] for _ in range(20)]
                        assert got == list(range(n - 19, n + 1))
        await until(lambda: not len(house.desk.hub))
        assert house.desk.hub.slow_closes == 1
        stalled.transport.abort()


async def test_a_dead_line_is_noticed_by_its_missing_pong(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.server_socket.LINGER_S", 0.1)
    async with served(house, ping_s=0.1) as (address, _):
        wire = await websockets.connect(f"ws://{address}/api/ws", origin=f"http://{address}")  # type: ignore[arg-type]
        await until(lambda: len(house.desk.hub) == 1)
        wire.transport.pause_reading()
        await until(lambda: not len(house.desk.hub))
        wire.transport.abort()


def test_an_own_address_is_that_of_this_machine() -> None:
    assert own_origins("127.0.0.1", 8345) == {"http://127.0.0.1:8345", "http://localhost:8345"}
    assert own_origins("0.0.0.0", 80) == {"http://127.0.0.1:80", "http://localhost:80"}
    assert "http://10.0.0.5:8345" in own_origins("10.0.0.5", 8345)
    assert "http://[::1]:8345" in own_origins("::1", 8345)
