"""Recorder, its pace: round after round until told to stop, whatever is away meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Generic, TypeVar

import structlog

from console.ports import Unavailable
from pipeline.log.ports import LogFull, LogUnavailable

PAUSES_S = (0.05, 0.2, 0.5, 1.0)  # between tries while database or log are away
log_line = structlog.get_logger("recorder")
Place = TypeVar("Place")


class Rounds(ABC, Generic[Place]):
    """Nothing is skipped: after a failure it goes on from where the record itself says that it stands."""

    def __init__(self) -> None:
        self._at: dict[Place, int] = {}

    @property
    def done(self) -> Mapping[Place, int]:
        """Place → offset recorded; empty before it has begun, and while the record is away."""
        return self._at

    async def run(self, stop: asyncio.Event) -> None:
        """Records until `stop`. Database or log away: waits and tries again."""
        tries = 0
        while not stop.is_set():
            try:
                if await self.step() == 0:
                    await self._wait(stop)
                tries = 0
            except (Unavailable, LogUnavailable, LogFull) as error:
                self._at = {}
                log_line.warning("recorder_waits", reason=type(error).__name__)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), PAUSES_S[min(tries, len(PAUSES_S) - 1)])
                tries += 1

    async def step(self) -> int:
        """One round; returns how many records it took."""
        if not self._at:
            self._at = await self._resume()
        return await self._round()

    @abstractmethod
    async def _resume(self) -> dict[Place, int]:
        """Where to go on."""

    @abstractmethod
    async def _round(self) -> int:
        """Takes and writes what there is; returns how many records that was."""

    @abstractmethod
    async def _wait(self, stop: asyncio.Event) -> None:
        """Returns when there may be more, or at `stop`."""
