"""Keeping, on Kafka: lets go of what the store was only to keep for a while. The log's own age is the brokers' work."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime

import structlog

from console.ports import Unavailable
from pipeline.store.sql_store import SqlStore

EVERY_S = 600.0  # seconds between two looks
_log = structlog.get_logger(__name__)


class StoreKeeping:
    """Nothing in the store outlives its time by more than one look; a database away is tried again at the next."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    async def run(self, stop: asyncio.Event) -> None:
        """Looks now and every ten minutes, until `stop`."""
        while not stop.is_set():
            try:
                _log.info("store pruned", **await self._store.prune(datetime.now(UTC)))
            except Unavailable as error:
                _log.warning("keeping waits", reason=type(error).__name__)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), EVERY_S)
