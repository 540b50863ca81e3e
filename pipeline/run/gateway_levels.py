"""What a gateway tells of itself each second: calls that live, and for how long the spool has held something."""

from __future__ import annotations

import time
from collections.abc import Callable

from pipeline.metrics import Metrics

DOOR, SPOOL = "ws", "spool"


class GatewayLevels:
    """Promise: the age told of the spool is never less than that of its oldest entry of this life."""

    def __init__(
        self,
        metrics: Metrics,
        live: Callable[[], int],  # calls not ended
        spooled: Callable[[], int],  # entries in the spool
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._metrics, self._live, self._spooled, self._clock = metrics, live, spooled, clock
        self._empty_at = clock()  # when the spool was last seen empty

    def look(self) -> None:
        """Tells how it is now."""
        now = self._clock()
        if not self._spooled():
            self._empty_at = now
        self._metrics("hotline_door_calls_live", self._live(), door=DOOR)
        self._metrics("hotline_log_oldest_unread_seconds", now - self._empty_at, topic=SPOOL)
