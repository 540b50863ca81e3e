"""The desk as one thing: what every route and every websocket of one console process shares."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from console.aigc import implicit_label
from console.export import names_of
from console.hub import Hub
from console.ports import DeskStore, Health, Observe, PartialFeed, PushRow
from console.sign_ins import SignIns
from console.throttle import LoginThrottle
from console.wire import Check
from console.ws_tickets import WsTickets
from schemas.catalogue import CityPack
from schemas.metrics import MetricName

WEB_DIST = Path(__file__).parent / "web" / "dist"


_ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?")


class BadOptions(ValueError):
    """The console can't be run so; says which option and why."""


class DeskOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How one console process is run."""

    origins: tuple[str, ...] = ()  # where pages may come from, e.g. "https://12345.example"; empty = own address
    https: bool = False  # reached over HTTPS: cookies are Secure, browsers are told to stay with HTTPS
    longest: timedelta = timedelta(hours=12)  # longest sign-in
    idle: timedelta = timedelta(minutes=120)  # a sign-in ends after this long without a request
    version: str = "0.1.0"
    demo: bool = False
    web: Path = WEB_DIST  # the built page
    max_sockets: int = 500
    ping_s: float = 20.0  # a socket is pinged this often and closed when no pong comes in as long

    def __post_init__(self) -> None:
        for origin in self.origins:
            if not _ORIGIN.fullmatch(origin):
                raise BadOptions(
                    f"origin {origin!r}: write scheme://host or scheme://host:port, in lower case, no path"
                )
        if self.https and not self.origins:
            raise BadOptions("https needs origins: the address under which pages are reached can't be guessed")


def _no_measure(name: MetricName, value: float, **labels: str) -> None:
    return None


async def _no_checks() -> dict[str, Check]:
    return {}


class Desk:
    """Store, city, hub and sign-ins of one console process."""

    def __init__(
        self,
        store: DeskStore,
        partials: PartialFeed,
        city: CityPack,
        options: DeskOptions,
        now: Callable[[], datetime],
        clock: Callable[[], float],
        health: Health = _no_checks,
        observe: Observe = _no_measure,
    ) -> None:
        self.store = store
        self.city = city
        self.options = options
        self.now = now  # UTC
        self.clock = clock  # monotonic seconds
        self.health = health
        self.observe = observe
        self.origins = frozenset(options.origins)
        self.hub = Hub(store, partials, clock, self._delivered)
        self.sign_ins = SignIns(store, clock, options.longest, options.idle)
        self.tickets = WsTickets()
        self.throttle = LoginThrottle()
        self.hashing = asyncio.Semaphore(2)  # a password hash takes 64 MiB: a crowd waits instead of filling the memory
        self.articles = {article.id: article for article in sorted(city.articles, key=lambda a: a.version)}
        self.names = names_of(city)

    @property
    def producer(self) -> str:
        return f"{self.city.manifest.title}12345热线"

    def wall(self) -> str:
        """Now, as frames and labels carry it."""
        return self.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def label(self, content: str) -> str:
        return implicit_label(self.producer, self.options.version, content)

    def _delivered(self, row: PushRow) -> None:
        self.observe("hotline_desk_push_seconds", max(0.0, self.now().timestamp() - row.at), kind=row.kind)
