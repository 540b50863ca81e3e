"""Relay and hand-off, between two rounds: wait for the store's bell, but no longer than one is wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


async def pause(bell: Coroutine[Any, Any, object], stop: asyncio.Event) -> None:
    """Returns when `bell` has, or at `stop`."""
    rung, stopped = asyncio.ensure_future(bell), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait([rung, stopped], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (rung, stopped):
            task.cancel()
        await asyncio.gather(rung, stopped, return_exceptions=True)
