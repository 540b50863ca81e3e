"""`hotline gateway`: the ingest door of a house on Kafka. Any number of them; a source may come back at any."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Callable

import structlog

from pipeline.ingest.start import Switch
from pipeline.ingest.switchboard import Limits
from pipeline.ingest.ws_door import WsDoor
from pipeline.log.kafka_options import KafkaOptions
from pipeline.log.spool import Spool
from pipeline.metrics import Metrics
from pipeline.run.gateway_house import House
from pipeline.run.gateway_log import GatewayLog
from pipeline.run.gateway_outlet import Outlet
from pipeline.settings import Settings

FIRST_S = 5.0  # the brokers have to answer before the door opens without them
FLUSH_S = 5.0  # for the spool to be sent, after the door has closed
DRAIN_S = 10.0  # for live calls to end, once the gateway has been told to stop
_log = structlog.get_logger("gateway")


class Gateway:
    """Promises those of `WsDoor`, over all lanes. It opens though the brokers do not answer."""

    def __init__(
        self,
        settings: Settings,
        options: KafkaOptions,
        metrics: Metrics,
        *,
        tenant: str,  # name of the city pack
        limits: Limits | None = None,
    ) -> None:
        self.name = uuid.uuid4().hex[:12]  # of this life: a gateway that starts again is another one
        self._spool = Spool(settings.home / "spool", settings.spool_mb << 20)
        if self._spool.pending:
            _log.warning("the spool holds what an earlier life could not send", entries=self._spool.pending)
        self.outlet = Outlet(self._spool, self.name)
        log = GatewayLog(self.name, self.outlet, {key.partition("/")[0] for key in self._spool.met})
        self.door = WsDoor(
            log,
            [Switch(name=n, token=t, notice=settings.door_notice) for n, t in settings.switch_tokens().items()],
            tenant=tenant,
            host=settings.door_host,
            port=settings.door_port,
            limits=limits or Limits(max_calls=settings.door_max_calls, max_ahead_s=settings.door_max_ahead_s),
            measure=metrics,
            alarm=lambda reason: _log.error("door alarm", reason=reason),
        )
        self.house = House(options, log, self.outlet, self.door, self.name, tenant)

    async def run(
        self, stop: asyncio.Event, opened: Callable[[int], None] = lambda port: None, drain_s: float = DRAIN_S
    ) -> None:
        """Serves until `stop`; `opened` hears the port. Then: no new sources, live calls may end, the rest is sent."""
        living = asyncio.create_task(self.house.run(), name="gateway-house")
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.house.ready.wait(), FIRST_S)
            await self.door.start()
            _log.info("gateway is open", door=self.door.url, gateway=self.name)
            opened(self.door.port)
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({living, stopping}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
        finally:
            await self.door.close(drain_s)
            await self._flush()
            living.cancel()
            await asyncio.gather(living, return_exceptions=True)
            await self._spool.close()
            await self.house.close()
        if living.done() and not living.cancelled():
            living.result()

    async def _flush(self) -> None:
        """Gives what is in the spool a last chance; the next life sends the rest."""
        if self.house.ready.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.outlet.emptied.wait(), FLUSH_S)
        if self.outlet.pending:
            _log.warning("the spool is not empty: the next life sends it", entries=self.outlet.pending)
