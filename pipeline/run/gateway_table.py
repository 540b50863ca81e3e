"""Gateways: the calls under way in the whole house, read from `calls` in every lane as they are written."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

import msgspec
import structlog

from pipeline.ingest.past import Past
from pipeline.log.kafka import KafkaConnection, KafkaLane
from pipeline.log.kafka_scan import LaneScan
from pipeline.log.ports import LogUnavailable, Record
from schemas.calls import CallControlled, CallEnded, CallStarted
from schemas.codec import BadEvent, decode
from schemas.topics import CALLS, LANES

BACK_S = 6 * 3600.0  # no call is longer
REMEMBERED = 20_000  # ended calls
TRY_AGAIN_S = 0.5
_log = structlog.get_logger("gateway")


class Known(msgspec.Struct, kw_only=True):
    """A call that has begun and not ended."""

    past: Past
    owner: str  # the gateway that feeds it
    lane: int
    seen: set[str] = msgspec.field(default_factory=set)  # ids of events: a repeat is no news


class CallTable:
    """Every call that has not ended, and who feeds it. Promise: what `caught_up` has waited for is in it.

    The first start of a call makes its owner, the newest move another. Bounded: a call leaves it with its end, or
    when it is older than any call may be.
    """

    def __init__(
        self,
        connection: KafkaConnection,
        changed: Callable[[str], None] = lambda call: None,  # owner or end of this call
        now: Callable[[], float] = time.time,
    ) -> None:
        self._lanes = {n: KafkaLane(connection, n).reader("gateway") for n in range(LANES)}
        self._scans = {n: LaneScan(connection, n) for n in range(LANES)}
        self._changed = changed
        self._now = now
        self._read: dict[int, int] = {}  # lane → offset up to which it has been read
        self._moved = asyncio.Condition()
        self.calls: dict[str, Known] = {}
        self.ended: dict[str, str] = {}  # call → the gateway that ended it; newest last
        self.signs: dict[str, float] = {}  # gateway → when something of it came, monotonic seconds

    async def follow(self) -> None:
        """Reads all lanes until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for lane in self._lanes.values():
                tasks.create_task(self._follow(lane))

    async def complete(self) -> None:
        """Returns when every lane has been read once."""
        async with self._moved:
            await self._moved.wait_for(lambda: self._read.keys() >= self._lanes.keys())

    async def caught_up(self, lane: int) -> None:
        """Returns when all that is written in a lane by now is known. Raises LogUnavailable."""
        end = await self._lanes[lane].end(CALLS)
        async with self._moved:
            await self._moved.wait_for(lambda: self._read.get(lane, -1) >= end)

    def forget_old(self) -> None:
        """Drops what can be no call any more: its end was never written."""
        oldest = self._now() - BACK_S
        for call in [call for call, known in self.calls.items() if known.past.started_at < oldest]:
            del self.calls[call]

    async def _follow(self, lane: KafkaLane) -> None:
        n = lane.number
        while True:
            try:
                if n not in self._read:
                    await self._read_past(n)
                await lane.wait(CALLS, self._read[n])
                await self._take(n, await lane.read(CALLS, self._read[n]))
            except LogUnavailable as error:
                _log.warning("calls cannot be followed", lane=n, error=str(error))
                await asyncio.sleep(TRY_AGAIN_S)

    async def _read_past(self, lane: int) -> None:
        """What was written before this gateway began."""
        scan = self._scans[lane]
        read = await scan.offset_at(CALLS, self._now() - BACK_S)
        async for page in scan.after(CALLS, read):
            for record in page:
                self._note(lane, record)
            read = page[-1].offset
        async with self._moved:
            self._read[lane] = read
            self._moved.notify_all()

    async def _take(self, lane: int, records: Sequence[Record]) -> None:
        for record in records:
            self._note(lane, record)
        async with self._moved:
            self._read[lane] = max([self._read[lane], *(record.offset for record in records)])
            self._moved.notify_all()

    def _note(self, lane: int, record: Record) -> None:
        gateway = record.head.decode(errors="replace")
        if not gateway:
            return  # not of a door
        self.signs[gateway] = time.monotonic()
        try:
            event = decode(record.value)
        except BadEvent:
            return
        call = event.call
        if isinstance(event.body, CallStarted) and call not in self.calls and call not in self.ended:
            self.calls[call] = Known(past=Past(), owner=gateway, lane=lane)
        known = self.calls.get(call)
        if known is None or event.id in known.seen:
            return
        known.seen.add(event.id)
        known.past.note(event, record)
        if isinstance(event.body, CallControlled) and event.body.control == "moved":
            known.owner = gateway
        elif isinstance(event.body, CallEnded):
            del self.calls[call]
            self.ended[call] = gateway
            if len(self.ended) > REMEMBERED:
                del self.ended[next(iter(self.ended))]
        self._changed(call)
