"""The real house for a real browser, in a thread of its own; what is heard on a call is said by the test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from console.passwords import hash_password
from pipeline.run.embedded import Embedded
from pipeline.run.wiring import build
from pipeline.settings import Settings
from schemas import Event
from schemas.calls import PartialHeard
from schemas.codec import encode
from schemas.commands import Actor, Role
from schemas.topics import PARTIALS
from tests.script import Script, topic_of

PASSWORD = "right-horse"
START_WITHIN_S = 300.0  # a busy machine is slow, not broken

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
        """The machine's draft: field → (value, label). Only in a house that does not understand by itself."""
        self._house.append(self.draft(heard, revision, **fields))

    def offer(self, text: str, seq: int = 1) -> None:
        """A cited suggestion."""
        self._house.append(self.suggest(text, seq))

    def hang_up(self) -> None:
        self._house.append(*self.end())


class ServedHouse:
    """The embedded house on free ports of this machine, without an ear. Its methods may be called from any thread.

    `understands` False: no stage runs, a test itself says what the machine proposes.
    """

    def __init__(self, folder: Path, *, understands: bool = False, **changes: Any) -> None:
        self.url = ""
        base = {"home": folder, "port": 0, "door_port": 0, "asr_enabled": False, "origins": "", "https": False}
        self._settings = Settings(**(base | changes))
        self._understands = understands
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
            raise RuntimeError("the house did not start") from self._fault
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
        self.house = build(self._settings, None, demo=True)
        if not self._understands:
            self.house.stages.clear()
        embedded = Embedded(self.house)
        await embedded.start()
        self.url = embedded.url
        self._up.set()
        try:
            await self._stop.wait()
        finally:
            await embedded.stop()

    # what a test does to it

    def do(self, act: Coroutine[Any, Any, T]) -> T:
        """Runs a coroutine on the house's loop and waits for it."""
        return asyncio.run_coroutine_threadsafe(act, self._loop).result(30)

    def account(self, login: str, role: Role = "agent", name: str = "") -> Actor:
        return self.do(self.house.store.ensure_user(login, name or f"{login}先生", role, self._hash))

    def call(self, agent: str | None = None, ani: str = "13800001111") -> Call:
        """A new call for an agent's login; None = it waits to be claimed."""
        self._calls += 1
        return Call(self, f"browser-{self._calls}", agent, ani)

    def append(self, *events: Event) -> None:
        for event in events:
            self.append_to(topic_of(event), event)

    def append_to(self, topic: str, event: Event) -> None:
        self.do(self.house.log.append(topic, event.call, encode(event)))

    def cut_sockets(self, code: int = 1012) -> None:
        """Every page loses its line at once."""
        self._loop.call_soon_threadsafe(self.house.app.state.desk.hub.drain, code)
