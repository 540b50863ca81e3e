"""What the log forgets, and when: a clock beside the log that drops what is older than its topic may be."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping

import structlog

from pipeline.log.ports import Log, LogFull, LogUnavailable
from schemas.topics import TOPICS

EVERY_S = 600.0  # seconds between two looks

_log = structlog.get_logger(__name__)


class Retention:
    """Nothing stays longer than its topic's hours plus one look; a fault is told and tried again at the next look."""

    def __init__(
        self,
        log: Log,
        hours: Mapping[str, float] | None = None,  # topic → hours, where not as in schemas.topics
        *,
        clock: Callable[[], float] = time.time,  # unix seconds
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._log = log
        self._hours = {name: float(topic.retention_h) for name, topic in TOPICS.items()} | dict(hours or {})
        self._clock = clock
        self._sleep = sleep

    async def run(self) -> None:
        """Looks now and every ten minutes; ends only by cancellation."""
        while True:
            await self.look()
            await self._sleep(EVERY_S)

    async def look(self) -> dict[str, int]:
        """Drops what is due; returns topic → records dropped."""
        dropped: dict[str, int] = {}
        for topic, hours in self._hours.items():
            try:
                dropped[topic] = await self._log.drop_before(topic, self._clock() - hours * 3600)
            except (LogFull, LogUnavailable) as error:
                _log.warning("retention failed", topic=topic, error=str(error))
        return dropped
