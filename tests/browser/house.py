"""The real desk for a real browser: server, store, log, recorder and relay in a thread; calls are scripted events."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from console.decide_city import city_facts
from console.desk import DeskOptions
from console.passwords import hash_password
from console.server import make_app, serve
from pipeline.log.memory import MemoryLog
from pipeline.record.recorder import Recorder
from pipeline.record.relay import Relay
from pipeline.run.partials import LogPartials
from pipeline.store.sql_store import SqlStore
from routing.city.load import city_dir, load_city
from schemas import Event
from schemas.calls import PartialHeard
from schemas.codec import encode
from schemas.commands import Actor, Role
from schemas.topics import PARTIALS
from tests.script import Script, topic_of

PASSWORD = "right-horse"
START_WITHIN_S = 60.0

T = TypeVar("T")


class Call(Script):
    """A call that a test lets happen, event by event, on the running house."""

    def __init__(self, house: ServedHouse, source: str, agent: str | None, ani: str) -> None:
        super().__init__(source, agent, ani)
        self._house = house
        self.at = datetime.now(UTC)

    def ring(self) -> Call:
        """The call starts and the caller is told that an assistant listens."""
        self._house.append(*self.start())
        return self

    def hear(self, text: str, leg: str = "caller", start_s: float = 1.0) -> Event:
        """A final utterance."""
        heard = self.say(text, leg, start_s)
        self._house.append(heard)
        return heard

    def hear_partly(
        self, stable: str, unstable: str = "", leg: Any = "caller", rev: int = 1, start_s: float = 1.0
    ) -> None:
        """Text still being spoken."""
        partial = PartialHeard(
            leg=leg, segment=f"{leg}-{start_s}", rev=rev, start_s=start_s, stable=stable, unstable=unstable
        )
        self._house.append_to(PARTIALS, self.event(partial))

    def propose(self, heard: Event, revision: int, **fields: tuple[str, str]) -> None:
        """The machine's draft: field → (value, label)."""
        self._house.append(self.draft(heard, revision, **fields))

    def offer(self, text: str, seq: int = 1) -> None:
        """A cited suggestion."""
        self._house.append(self.suggest(text, seq))

    def hang_up(self) -> None:
        self._house.append(*self.end())


class ServedHouse:
    """A desk on a free port of this machine. Its methods may be called from any thread."""

    def __init__(self, folder: Path) -> None:
        self.city = load_city(city_dir("yunlan"))
        self.url = ""
        self._folder = folder
        self._loop = asyncio.new_event_loop()
        self._stop: asyncio.Event | None = None
        self._up = threading.Event()
        self._fault: BaseException | None = None
        self._thread = threading.Thread(target=self._live, name="served-house", daemon=True)
        self._calls = 0
        self._hash = hash_password(PASSWORD)

    def start(self) -> ServedHouse:
        self._thread.start()
        if not self._up.wait(START_WITHIN_S) or self._fault is not None:
            raise RuntimeError("the desk's server did not start") from self._fault
        return self

    def stop(self) -> None:
        if self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(START_WITHIN_S)

    def _live(self) -> None:
        try:
            self._loop.run_until_complete(self._run())
        except BaseException as fault:
            self._fault = fault
        finally:
            self._up.set()
            self._loop.close()

    async def _run(self) -> None:
        self._stop = asyncio.Event()
        self.store = SqlStore(self._folder / "store.db", city_facts(self.city))
        self.log = MemoryLog()
        app = make_app(self.store, LogPartials(self.log), self.city, DeskOptions(demo=True))
        self.desk = app.state.desk
        parts = [
            asyncio.create_task(Recorder(self.log, self.store).run(self._stop)),
            asyncio.create_task(Relay(self.log, self.store).run(self._stop)),
            asyncio.create_task(serve(app, "127.0.0.1", 0, self._stop, self._ready)),
        ]
        try:
            await asyncio.gather(*parts)
        finally:
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)
            await self.store.close()

    def _ready(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._up.set()

    # what a test does to it

    def do(self, act: Coroutine[Any, Any, T]) -> T:
        """Runs a coroutine on the house's loop and waits for it."""
        return asyncio.run_coroutine_threadsafe(act, self._loop).result(30)

    def account(self, login: str, role: Role = "agent", name: str = "") -> Actor:
        return self.do(self.store.ensure_user(login, name or f"{login}先生", role, self._hash))

    def call(self, agent: str | None = None, ani: str = "13800001111") -> Call:
        """A new call for an agent's login; None = it waits to be claimed."""
        self._calls += 1
        return Call(self, f"browser-{self._calls}", agent, ani)

    def append(self, *events: Event) -> None:
        for event in events:
            self.append_to(topic_of(event), event)

    def append_to(self, topic: str, event: Event) -> None:
        self.do(self.log.append(topic, event.call, encode(event)))

    def cut_sockets(self, code: int = 1012) -> None:
        """Every page loses its line at once."""
        self._loop.call_soon_threadsafe(self.desk.hub.drain, code)
