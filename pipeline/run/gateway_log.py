"""Gateways: the log as the door of one of them knows it, whatever the state of the brokers."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pipeline.ingest.past import Past
from pipeline.log.ports import LogUnavailable
from pipeline.run.gateway_calls import HouseCalls
from pipeline.run.gateway_outlet import Outlet
from schemas.topics import CALLS


class GatewayLog:
    """Keeps `CallLog`. What the door writes into `calls` carries the gateway's name in its head.

    While the brokers do not answer a call that nothing is known of is taken for new. One that is under way elsewhere
    is refused then: how far it has come is not known here.
    """

    def __init__(self, gateway: str, outlet: Outlet, left: Collection[str]) -> None:
        """`left`: calls of which an earlier life left something in the spool."""
        self._gateway = gateway.encode()
        self._outlet = outlet
        self._left = left
        self._house: HouseCalls | None = None

    def link(self, house: HouseCalls) -> None:
        """The brokers have answered for the first time."""
        self._house = house

    async def append_many(self, topic: str, records: Sequence[tuple[str, bytes, bytes]]) -> list[int]:
        """Keeps CallLog."""
        if topic == CALLS:
            records = [(key, value, self._gateway) for key, value, _ in records]
        return await self._outlet.append_many(topic, records)

    async def past(self, call: str) -> Past:
        """Keeps CallLog."""
        if self._house is not None and self._outlet.is_direct:
            try:
                return await self._house.past(call)
            except LogUnavailable:
                pass  # they have just gone away
        if self._house is not None and self._house.has_ended(call):
            return Past(ended=True)
        if call in self._left or (self._house is not None and self._house.is_under_way(call)):
            raise LogUnavailable("the brokers do not answer, and this call was begun elsewhere")
        return Past()

    async def left_open(self, door: str) -> list[tuple[str, Past]]:
        """None: calls that a dead gateway left open are found by whoever watches over their lane."""
        return []

    async def mark(self, door: str, oldest: int | None) -> None:
        """Nothing to note: the lanes tell."""
