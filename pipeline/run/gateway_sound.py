"""Gateways: how far the sound of a call in one lane has come, asked when a call goes on at another gateway."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from pipeline.log.kafka_scan import LaneScan
from pipeline.log.ports import Record
from schemas.audio import frame_key
from schemas.topics import AUDIO

LOOK_S = 60.0  # how far back the first look goes; a call without sound for longer is looked for by itself
OVERLAP_S = 5.0  # by which clocks of gateways may differ


class LaneSound:
    """The newest frame of every leg heard lately. A look reads the lane for all its calls, and only what is new."""

    def __init__(self, lane: LaneScan, now: Callable[[], float] = time.time) -> None:
        self._lane, self._now = lane, now
        self._looked = 0.0  # unix seconds
        self._read = 0  # offset up to which the lane was looked at
        self._newest: dict[str, Record] = {}
        self._one = asyncio.Lock()

    async def of(self, call: str, legs: tuple[str, ...], started: float) -> dict[str, Record]:
        """Leg → its newest frame. `started`: unix seconds at which the call began. Raises LogUnavailable."""
        keys = {leg: frame_key(call, leg) for leg in legs}
        async with self._one:
            now = self._now()
            if now - self._looked > LOOK_S:  # what came meanwhile is old: not read, but looked for where it is missed
                self._newest.clear()
                self._read = await self._lane.offset_at(AUDIO, now - LOOK_S)
            self._looked = now
            await self._look(self._read)
            if not all(key in self._newest for key in keys.values()):
                await self._look(await self._lane.offset_at(AUDIO, started - OVERLAP_S))
            return {leg: self._newest[key] for leg, key in keys.items() if key in self._newest}

    async def _look(self, after: int) -> None:
        async for page in self._lane.after(AUDIO, after):
            self._read = max(self._read, page[-1].offset)
            for record in page:
                known = self._newest.get(record.key)
                if known is None or record.offset > known.offset:
                    self._newest[record.key] = record
