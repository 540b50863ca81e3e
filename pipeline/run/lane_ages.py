"""What a process on Kafka tells of its lanes: how many it holds, and how old the oldest event is that waits there."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from typing import Protocol

import structlog

from console.ports import Unavailable
from pipeline.log.ports import LogUnavailable
from pipeline.metrics import Metrics

EVERY_S = 1.0
ANSWER_S = 3.0  # an answer older than this ages with the time: who can't be asked is not known to be on time

Place = tuple[str, int]  # topic and lane
Held = Mapping[Place, Mapping[str, int]]  # place → its readers here → offset done; 0 = nothing done, or not yet known
Waits = Callable[[], Awaitable[Mapping[str, float]]]  # topic → seconds waited there, as the worker itself measures
_log = structlog.get_logger(__name__)


class Backlog(Protocol):
    """Tells the age of the oldest record after an offset. Raises LogUnavailable."""

    async def ages(self, done: Mapping[Place, int]) -> Mapping[Place, float]: ...

    def close(self) -> None: ...


def _nothing_down() -> Mapping[str, str]:
    return {}


def _nothing_to_do(place: Place, age_s: float) -> None: ...


async def _no_waits() -> Mapping[str, float]:
    return {}


class LaneAges:
    """Promise: per topic the age shown is that of the slowest reader on the slowest lane held here.

    A reader that has not begun is as old as the lane has been held, but not older than what waits for it; while the
    brokers do not answer, every age grows. What is no longer held is no longer counted.
    """

    def __init__(
        self,
        metrics: Metrics,
        group: str,
        backlog: Backlog,
        held: Callable[[], Held],
        *,
        topics: Collection[str] = (),  # of which lanes are held; told even while there are none
        down: Callable[[], Mapping[str, str]] = _nothing_down,  # part → fault
        waits: Waits = _no_waits,
        late: Callable[[Place, float], None] = _nothing_to_do,  # hears where something waits, and how long
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._metrics, self._group, self._backlog = metrics, group, backlog
        self._held, self._down, self._waits, self._late, self._clock = held, down, waits, late, clock
        self._since: dict[tuple[Place, str], float] = {}  # when this reader was first met here
        self._done: dict[tuple[Place, str], int] = {}  # a reader that begins anew has not lost what it knew
        self._ages: dict[Place, tuple[float, float]] = {}  # age and when that was learnt
        self._own: tuple[Mapping[str, float], float] = ({}, clock())
        self._aged: set[str] = set()  # topics ever told of
        self._laned = set(topics)

    async def run(self, stop: asyncio.Event) -> None:
        """Measures until `stop`."""
        stopping = asyncio.ensure_future(stop.wait())
        asking: asyncio.Task[None] | None = None
        try:
            while not stop.is_set():
                if asking is None or asking.done():
                    asking = asyncio.create_task(self.ask())
                await asyncio.wait({asking, stopping}, timeout=EVERY_S, return_when=asyncio.FIRST_COMPLETED)
                self.publish()
                await asyncio.wait({stopping}, timeout=EVERY_S)
        finally:
            stopping.cancel()
            if asking is not None:
                asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)
            self._backlog.close()

    @contextlib.asynccontextmanager
    async def measuring(self) -> AsyncIterator[None]:
        """Measures as long as the block lasts."""
        stop = asyncio.Event()
        task = asyncio.create_task(self.run(stop))
        try:
            yield
        finally:
            stop.set()
            await task

    async def ask(self) -> None:
        """Learns the ages of now, as far as they can be learnt."""
        try:
            self._own = (await self._waits(), self._clock())
        except (Unavailable, LogUnavailable) as error:
            _log.warning("waits are not known", reason=type(error).__name__)
        readers = self._readers()
        done = {place: min(at for (p, _), at in readers.items() if p == place) for place, _ in readers}
        try:
            found = await self._backlog.ages(done)
        except LogUnavailable:
            _log.warning("ages are not known", group=self._group)
            return
        now = self._clock()
        for place, age in found.items():
            idle = [now - self._since[key] for key, at in readers.items() if key[0] == place and at == 0]
            self._ages[place] = (min([age, *idle]) if done[place] == 0 else age, now)
            if age > 0:
                self._late(place, self._ages[place][0])

    def publish(self) -> None:
        """Tells what is known: ages by topic, lanes held, parts down."""
        now, held = self._clock(), self._held()
        readers = self._readers()
        ages: dict[str, float] = {}
        for place, _ in readers:
            age, at = self._ages.get(place, (0.0, min(since for (p, _), since in self._since.items() if p == place)))
            ages[place[0]] = max(ages.get(place[0], 0.0), _grown(age, at, now))
        own, at = self._own
        for topic, age in own.items():
            ages[topic] = max(ages.get(topic, 0.0), _grown(age, at, now))
        self._aged |= ages.keys()
        for topic in self._aged:
            self._metrics("hotline_log_oldest_unread_seconds", ages.get(topic, 0.0), topic=topic)
        lanes = Counter(topic for topic, _ in held)
        self._laned |= lanes.keys()
        for topic in self._laned:
            self._metrics("hotline_lanes_held", lanes[topic], group=self._group, topic=topic)
        self._metrics("hotline_parts_down", len(self._down()), group=self._group)

    def _readers(self) -> dict[tuple[Place, str], int]:
        """Readers of now and what they have done; those that are gone are forgotten."""
        now = self._clock()
        found = {(place, name): at for place, readers in self._held().items() for name, at in readers.items()}
        self._since = {key: self._since.get(key, now) for key in found}
        self._done = {key: max(at, self._done.get(key, 0)) for key, at in found.items()}
        places = {place for place, _ in found}
        self._ages = {place: known for place, known in self._ages.items() if place in places}
        return self._done


def _grown(age: float, learnt: float, now: float) -> float:
    return age if now - learnt <= ANSWER_S else age + now - learnt
