"""Gateways: a call's past and whose call it is, so that a source may come back at any gateway of the house.

The rule. A call belongs to the gateway that wrote its first start, or the newest `moved` after it, in the order of its
lane; every gateway reads all of `calls` and so knows the same. Each writes its name into the head of its events.
A source that comes with a call known here needs no question. For another call the gateway reads its lane of `calls`
to the end, which costs one question: a call nobody has begun is new. One that is under way elsewhere is claimed by a
`moved`; the gateway that had it reads that and writes no more of it. Only when its sound has stood still is the past
taken from the log, and the call goes on from there: same numbers, a gap for what lies between.
"""

from __future__ import annotations

import asyncio
import copy
import itertools
from collections.abc import Sequence
from datetime import UTC, datetime

from pipeline.ingest.past import Past, measure
from pipeline.ingest.refusal import Refused
from pipeline.log.kafka import KafkaConnection, lane_of
from pipeline.log.kafka_scan import LaneScan
from pipeline.log.kafka_spread import KafkaSpread
from pipeline.log.ports import LogUnavailable
from pipeline.log.spool_file import Entry
from pipeline.run.gateway_sound import LaneSound
from pipeline.run.gateway_table import CallTable
from schemas.calls import CallControlled
from schemas.codec import encode
from schemas.event import Event
from schemas.ids import output_id
from schemas.topics import CALLS

ASK_S = 2.0  # a lane that does not answer within this is away
SETTLE_S = 0.5  # between two looks at the sound of a call that moves
MOST_LOOKS = 8  # at sound that does not stand still


class HouseCalls:
    """The calls of all gateways, as one of them asks about them."""

    def __init__(self, connection: KafkaConnection, table: CallTable, gateway: str, tenant: str) -> None:
        self._spread = KafkaSpread(connection)
        self._connection = connection
        self._table = table
        self._gateway, self._tenant = gateway, tenant
        self._sounds: dict[int, LaneSound] = {}
        self._claims = itertools.count(1)

    async def past(self, call: str) -> Past:
        """Keeps CallLog; claims the call when it is under way elsewhere. Raises LogUnavailable or Refused."""
        await self._read_up(call)
        if call in self._table.ended:
            return Past(ended=True)
        if call not in self._table.calls:
            return Past()
        await self._claim(call)
        return await self._settled(call)

    async def now(self, call: str) -> Past:
        """The past of a call as it stands; empty when it is not under way. Raises LogUnavailable."""
        await self._read_up(call)
        known = self._table.calls.get(call)
        if known is None:
            return Past()
        past = copy.deepcopy(known.past)
        sound = await self._sound(known.lane).of(call, tuple(past.legs), past.started_at) if past.notice else {}
        for leg, record in sound.items():
            measure(past.legs[leg], record)  # type: ignore[index]
        return past

    def is_under_way(self, call: str) -> bool:
        """As far as is known here."""
        return call in self._table.calls

    def has_ended(self, call: str) -> bool:
        """As far as is known here."""
        return call in self._table.ended

    async def know(self, lanes: set[int]) -> None:
        """Keeps Ownership."""
        await asyncio.gather(*map(self._table.caught_up, lanes))

    def is_ours(self, entry: Entry) -> bool:
        """Keeps Ownership."""
        call = entry.key.partition("/")[0]
        known = self._table.calls.get(call)
        by = known.owner if known is not None else self._table.ended.get(call, entry.by)
        return by == entry.by

    async def _claim(self, call: str) -> None:
        claim = Event(
            id=output_id(call, f"door.moved.{self._gateway}", next(self._claims)),
            tenant=self._tenant,
            call=call,
            cause=None,
            at=datetime.now(UTC),
            body=CallControlled(control="moved"),
        )
        await self._spread.append(CALLS, call, encode(claim), self._gateway.encode())

    async def _settled(self, call: str) -> Past:
        """The past of a claimed call once nothing of it comes from elsewhere any more."""
        before = await self.now(call)
        for _ in range(MOST_LOOKS):
            await asyncio.sleep(SETTLE_S)
            past = await self.now(call)
            if call in self._table.ended:
                return Past(ended=True)
            if _far(past) == _far(before):
                break
            before = past
        else:
            raise Refused("taken", "another gateway does not let go of this call")
        known = self._table.calls.get(call)
        if known is None or known.owner != self._gateway:
            raise Refused("taken", "another gateway has taken this call")
        return past

    async def _read_up(self, call: str) -> None:
        try:
            async with asyncio.timeout(ASK_S):
                await self._table.caught_up(lane_of(call))
        except TimeoutError as error:
            raise LogUnavailable(f"Kafka does not answer within {ASK_S:g} s") from error

    def _sound(self, lane: int) -> LaneSound:
        if lane not in self._sounds:
            self._sounds[lane] = LaneSound(LaneScan(self._connection, lane))
        return self._sounds[lane]


def _far(past: Past) -> Sequence[object]:
    return [past.events, *((leg.seq, leg.received, leg.missing) for leg in past.legs.values())]
