"""Gateways: the log as the door of one of them knows it, whatever the state of the brokers."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.ingest.past import Past
from pipeline.log.kafka_spread import KafkaSpread
from pipeline.log.ports import LogUnavailable
from pipeline.run.gateway_calls import HouseCalls
from schemas.topics import CALLS


class GatewayLog:
    """Keeps `CallLog`. What the door writes into `calls` carries the gateway's name in its head."""

    def __init__(self, gateway: str) -> None:
        self._gateway = gateway.encode()
        self._spread: KafkaSpread | None = None
        self._house: HouseCalls | None = None

    def link(self, spread: KafkaSpread, house: HouseCalls) -> None:
        """The brokers have answered."""
        self._spread, self._house = spread, house

    async def append_many(self, topic: str, records: Sequence[tuple[str, bytes, bytes]]) -> list[int]:
        """Keeps CallLog."""
        if topic == CALLS:
            records = [(key, value, self._gateway) for key, value, _ in records]
        if self._spread is None:
            raise LogUnavailable("the brokers have not answered yet")
        return await self._spread.append_many(topic, records)

    async def past(self, call: str) -> Past:
        """Keeps CallLog."""
        if self._house is None:
            raise LogUnavailable("the brokers have not answered yet")
        return await self._house.past(call)

    async def left_open(self, door: str) -> list[tuple[str, Past]]:
        """None: calls that a dead gateway left open are found by whoever watches over their lane."""
        return []

    async def mark(self, door: str, oldest: int | None) -> None:
        """Nothing to note: the lanes tell."""
