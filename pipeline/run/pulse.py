"""A process' sign of life: its loop turns, and there is disk. A process that hangs can't lie about it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

from pipeline.metrics import Metrics

EVERY_S = 1.0


async def pulse(metrics: Metrics, home: Path, stop: asyncio.Event, also: Callable[[], None] = lambda: None) -> None:
    """Beats until `stop`, and has `also` told with every beat."""
    stopping = asyncio.ensure_future(stop.wait())
    try:
        while not stop.is_set():
            metrics.turned()
            metrics("hotline_disk_free_bytes", _free(home))
            also()
            await asyncio.wait({stopping}, timeout=EVERY_S)
    finally:
        stopping.cancel()


def _free(home: Path) -> int:
    try:
        return shutil.disk_usage(home).free
    except OSError:
        return 0  # a folder that is gone holds nothing
