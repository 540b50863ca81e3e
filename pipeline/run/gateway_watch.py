"""Gateways: what becomes of the calls of one that died.

The rule. Every gateway gives a sign of life every second: a number noted under its name, which grows. The lanes of
`calls` are shared out among the gateways; who holds a lane watches over its calls. A call whose gateway has given no
sign for DEAD_S, or the grace time where that is longer, is ended as `lost` by who watches over it, unless a source
came back for it anywhere: then it is another gateway's by its `moved`. Silence is measured by the watcher's own clock
and only while the brokers answer him; he ends nothing while his own spool waits, which may hold more of that call.
"""

from __future__ import annotations

import asyncio
import time

import structlog

from pipeline.ingest.ws_door import WsDoor
from pipeline.log.kafka import KafkaConnection, KafkaLane
from pipeline.log.kafka_member import Member
from pipeline.log.kafka_options import KafkaOptions
from pipeline.log.ports import LogUnavailable
from pipeline.run.gateway_calls import HouseCalls
from pipeline.run.gateway_outlet import Outlet
from pipeline.run.gateway_table import CallTable
from schemas.topics import CALLS

GROUP = "gateways"
SIGN_S = 1.0
DEAD_S = 5.0  # without a sign
_log = structlog.get_logger("gateway")


class Watch:
    """A call left open by a gateway that died ends once, though that gateway never comes back."""

    def __init__(
        self,
        options: KafkaOptions,
        gateway: str,
        table: CallTable,
        calls: HouseCalls,
        door: WsDoor,
        outlet: Outlet,
        grace_s: float,
    ) -> None:
        self._gateway, self._table, self._calls, self._door, self._outlet = gateway, table, calls, door, outlet
        self._silent_s = max(grace_s, DEAD_S)
        self._connection = KafkaConnection(options)  # for questions of its own: nothing else may delay a sign
        self._lane = KafkaLane(self._connection, 0)
        self._member = Member(options, GROUP, CALLS, taken=self._heed, given_up=self._heed)
        self._signs: dict[str, tuple[int, float]] = {}  # gateway → newest sign, when it was new to us

    async def run(self) -> None:
        """Gives signs and watches, until cancelled; then leaves the group."""
        stop = asyncio.Event()
        membership = asyncio.create_task(self._member.run(stop), name="gateway-member")
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._give_signs())
                tasks.create_task(self._watch())
        finally:
            stop.set()
            await asyncio.wait({membership})
            await self._connection.close()

    async def _give_signs(self) -> None:
        n = 0
        while True:
            n += 1
            try:
                await self._lane.commit(_group(self._gateway), CALLS, n)
            except LogUnavailable as error:
                _log.warning("no sign of life can be given", error=str(error))
            await asyncio.sleep(SIGN_S)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(SIGN_S)
            try:
                self._table.forget_old()
                for call, owner in self._watched():
                    if await self._is_dead(owner):
                        await self._end(call, owner)
                for gone in self._signs.keys() - {owner for _, owner in self._watched()}:
                    del self._signs[gone]
                    await self._connection.forget(_group(gone))
            except LogUnavailable as error:
                self._signs.clear()  # who was silent may have been so for the same reason
                _log.warning("calls of others cannot be watched over", error=str(error))

    def _watched(self) -> list[tuple[str, str]]:
        """Calls of other gateways in the lanes held here, with their gateways."""
        return [
            (call, known.owner)
            for call, known in self._table.calls.items()
            if known.lane in self._member.lanes and known.owner != self._gateway
        ]

    async def _is_dead(self, gateway: str) -> bool:
        sign = await self._lane.committed(_group(gateway), CALLS)
        now = time.monotonic()
        if self._signs.get(gateway, (-1, 0.0))[0] != sign:
            self._signs[gateway] = (sign, now)
        newest = max(self._signs[gateway][1], self._table.signs.get(gateway, 0.0))
        return now - newest >= self._silent_s and self._outlet.is_direct

    async def _end(self, call: str, owner: str) -> None:
        past = await self._calls.now(call)
        known = self._table.calls.get(call)
        if known is None or known.owner != owner or past.started is None or self._door.is_feeding(call):
            return
        _log.warning("a call of a gateway that died ends as lost", call_id=call, gateway=owner)
        await self._door.end_lost(call, past.started, past)

    async def _heed(self, lanes: frozenset[int]) -> None:
        """Nothing is begun or ended with a lane: the watch looks at those held."""


def _group(gateway: str) -> str:
    return f"door.{gateway}"
