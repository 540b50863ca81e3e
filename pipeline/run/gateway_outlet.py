"""Gateways: what the door writes, on its way to the brokers, by way of the spool while they do not answer.

The rule. An append goes to the brokers and waits for them HOLD_S; then it goes to the spool, and so does all that comes
after it, until the spool is empty again: so nothing of a call passes anything older of it. What is in the spool is sent
in order. An entry that was handed to the brokers before, without an answer, is looked for in its lane first: it is
there once. An entry of a call that another gateway has taken over meanwhile, or that has ended, is not sent any more.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from itertools import groupby
from typing import Any, Protocol

import structlog

from pipeline.log.kafka import KafkaConnection, lane_of
from pipeline.log.kafka_scan import LaneScan
from pipeline.log.kafka_spread import KafkaSpread
from pipeline.log.ports import LogFull, LogUnavailable
from pipeline.log.spool import Spool
from pipeline.log.spool_file import Entry
from schemas.topics import AUDIO, LANES

HOLD_S = 0.3  # for the brokers to acknowledge an append, before it is spooled
TRY_AGAIN_S = 0.5
BATCH = 500  # entries
OVERLAP_S = 5.0
SETTLE_S = 1.0  # for what lay in the sockets of a broker that answers again to be in the log or lost
_log = structlog.get_logger("gateway")


class Ownership(Protocol):
    """What the house knows of whose call a call is."""

    async def know(self, lanes: set[int]) -> None:
        """Returns when all that is written in these lanes by now is known. Raises LogUnavailable."""

    def is_ours(self, entry: Entry) -> bool:
        """Whether an entry may still be written: its call is still with the gateway that accepted it."""


class Outlet:
    """An append that returned is with the brokers or on this machine's disk. Raises LogFull when neither takes it."""

    def __init__(self, spool: Spool, gateway: str) -> None:
        self._spool = spool
        self._gateway = gateway
        self._house: Ownership | None = None
        self._direct = False
        self._connection: KafkaConnection | None = None
        self._spread: KafkaSpread | None = None
        self._tried = spool.pending  # so many of the oldest entries may be with the brokers
        self._there: dict[tuple[str, int], set[bytes]] = {}  # (topic, lane) → what was found there
        self._wake = asyncio.Event()
        self.emptied = asyncio.Event()  # the spool holds nothing
        if not spool.pending:
            self.emptied.set()
        self.foreign = 0  # entries that were not sent any more

    @property
    def is_direct(self) -> bool:
        """The brokers answer and nothing waits."""
        return self._direct

    @property
    def pending(self) -> int:
        """Entries in the spool."""
        return self._spool.pending

    @property
    def in_flight(self) -> int:
        """Bytes handed to the brokers of which nothing is known yet."""
        return self._connection.in_flight if self._connection is not None else 0

    async def append_many(self, topic: str, records: Sequence[tuple[str, bytes, bytes]]) -> list[int]:
        """Records of one call. Offsets are 0 while they are not known. Raises LogFull or LogUnavailable."""
        at = time.time()
        sending: asyncio.Task[list[int]] | None = None
        if self._direct and self._spread is not None:
            sending = asyncio.create_task(self._spread.append_many(topic, records, [at] * len(records)))
            await asyncio.wait({sending}, timeout=HOLD_S)
            if sending.done() and not isinstance(sending.exception(), LogFull | LogUnavailable):
                return sending.result()
            sending.add_done_callback(_heeded)
            self._turn_to_spool()
        self.emptied.clear()
        doubtful = sending is not None
        try:
            await self._spool.append([Entry(topic, k, v, h, at, self._gateway, doubtful) for k, v, h in records])
        except (LogFull, LogUnavailable):
            if sending is None:
                raise
            await asyncio.wait({sending})  # the last hope
            if sending.exception() is not None:
                raise
            return sending.result()
        finally:
            self._wake.set()
        return [0] * len(records)

    def link(self, connection: KafkaConnection, house: Ownership) -> None:
        """The brokers have answered for the first time."""
        self._connection, self._spread, self._house = connection, KafkaSpread(connection), house
        self._wake.set()

    async def run(self) -> None:
        """Sends what is in the spool, until cancelled."""
        while True:
            await self._wake.wait()
            if self._spread is None:
                self._wake.clear()
                continue
            try:
                await self._empty()
            except (LogFull, LogUnavailable) as error:
                _log.warning("the spool cannot be sent yet", entries=self._spool.pending, error=str(error))
                await asyncio.sleep(TRY_AGAIN_S)

    def _turn_to_spool(self) -> None:
        if self._direct:
            self._direct = False
            _log.error("the brokers do not answer: the spool takes over")

    async def _empty(self) -> None:
        assert self._connection is not None and self._house is not None
        if self.in_flight or not self._connection.is_sound:  # nothing may pass what may still arrive
            raise LogUnavailable("what was handed over before is still under way")
        self._there.clear()
        sent, first = 0, True
        while entries := await self._spool.read(BATCH):
            if first:
                first = False
                await self._house.know(set(range(LANES)))
                if self._tried or any(entry.doubtful for entry in entries):
                    await asyncio.sleep(SETTLE_S)
            tried, self._tried = self._tried, max(self._tried, len(entries))
            fresh = [e for n, e in enumerate(entries) if not (n < tried or e.doubtful) or not await self._is_there(e)]
            ours = [entry for entry in fresh if self._house.is_ours(entry)]
            if len(ours) < len(fresh):
                self.foreign += len(fresh) - len(ours)
                _log.error("spooled entries of calls that are over or went elsewhere", entries=len(fresh) - len(ours))
            await self._send(ours)
            await self._spool.sent(len(entries))
            self._tried -= len(entries)
            sent += len(ours)
        self._wake.clear()  # what the disk is still taking wakes us when it has it
        if self._spool.is_empty:
            self.emptied.set()
            self._direct = True  # nothing can have come between: no await since
            if sent:
                _log.info("the spool is empty", sent=sent)

    async def _send(self, entries: Sequence[Entry]) -> None:
        """In order within each lane, lanes side by side."""
        lanes: dict[int, list[Entry]] = {}
        for entry in entries:
            lanes.setdefault(lane_of(entry.key), []).append(entry)
        failed = [e for e in await asyncio.gather(*map(self._send_lane, lanes.values()), return_exceptions=True) if e]
        for error in failed:
            if not isinstance(error, LogFull | LogUnavailable):
                raise error
        if failed:
            raise failed[0]

    async def _send_lane(self, entries: Sequence[Entry]) -> None:
        assert self._spread is not None
        for topic, run in groupby(entries, key=lambda entry: entry.topic):
            some = list(run)
            await self._spread.append_many(topic, [(e.key, e.value, e.head) for e in some], [e.at for e in some])

    async def _is_there(self, entry: Entry) -> bool:
        assert self._connection is not None
        place = entry.topic, lane_of(entry.key)
        if place not in self._there:
            scan, found = LaneScan(self._connection, place[1]), set()
            after = await scan.offset_at(entry.topic, entry.at - OVERLAP_S)
            async for page in scan.after(entry.topic, after):
                found |= {_mark(entry.topic, record.key, record.value, record.head) for record in page}
            self._there[place] = found
        return _mark(entry.topic, entry.key, entry.value, entry.head) in self._there[place]


def _mark(topic: str, key: str, value: bytes, head: bytes) -> bytes:
    """What tells a record from every other: of frames the head, which has its number."""
    return key.encode() + b"\0" + (head if topic == AUDIO else value)


def _heeded(sending: asyncio.Task[Any]) -> None:
    """What became of it is found out by looking."""
    if not sending.cancelled():
        sending.exception()
