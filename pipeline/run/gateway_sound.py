"""Gateways: how far the sound of a call in one lane has come, asked when a call goes on at another gateway."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from pipeline.log.kafka import KafkaLane
from pipeline.log.ports import Record
from schemas.audio import frame_key
from schemas.topics import AUDIO

LOOK_S = 60.0  # how far back the first look goes; a call without sound for longer is looked for by itself
OVERLAP_S = 5.0  # by which clocks of gateways may differ


class LaneSound:
    """The newest frame of every leg heard lately. A look reads the lane for all its calls, and only what is new."""

    def __init__(self, lane: KafkaLane, now: Callable[[], float] = time.time) -> None:
        self._lane, self._now = lane, now
        self._looked = 0.0  # unix seconds
        self._newest: dict[str, Record] = {}
        self._one = asyncio.Lock()

    async def of(self, call: str, legs: tuple[str, ...], started: float) -> dict[str, Record]:
        """Leg → its newest frame. `started`: unix seconds at which the call began. Raises LogUnavailable."""
        async with self._one:
            begun = self._now()
            await self._look(max(self._looked - OVERLAP_S, begun - LOOK_S))
            self._looked = begun
            self._newest = {key: r for key, r in self._newest.items() if r.at > begun - 2 * LOOK_S}
            keys = {leg: frame_key(call, leg) for leg in legs}
            if not all(key in self._newest for key in keys.values()):
                for key in keys.values():
                    await self._look(started - OVERLAP_S, key)
            return {leg: self._newest[key] for leg, key in keys.items() if key in self._newest}

    async def _look(self, since: float, key: str = "") -> None:
        for record in await self._lane.since(AUDIO, since, key):
            known = self._newest.get(record.key)
            if known is None or record.offset > known.offset:
                self._newest[record.key] = record
