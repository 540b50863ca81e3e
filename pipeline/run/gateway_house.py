"""Gateways: what one of them has to do with the others, once the brokers answer."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from pipeline.ingest.ws_door import WsDoor
from pipeline.log.kafka import KafkaConnection
from pipeline.log.kafka_options import KafkaOptions
from pipeline.log.ports import LogUnavailable
from pipeline.run.gateway_calls import HouseCalls
from pipeline.run.gateway_log import GatewayLog
from pipeline.run.gateway_outlet import Outlet
from pipeline.run.gateway_table import CallTable
from pipeline.run.gateway_watch import Watch

TRY_AGAIN_S = 1.0
_log = structlog.get_logger("gateway")


class House:
    """Connects as soon as the brokers answer, then keeps the door to what the house as a whole knows."""

    def __init__(
        self, options: KafkaOptions, log: GatewayLog, outlet: Outlet, door: WsDoor, gateway: str, tenant: str
    ) -> None:
        self._options, self._log, self._outlet, self._door = options, log, outlet, door
        self._gateway, self._tenant = gateway, tenant
        self._connection: KafkaConnection | None = None
        self.ready = asyncio.Event()  # all calls of the house are known

    async def run(self) -> None:
        """Until cancelled."""
        connection = self._connection = await self._connect()
        table = CallTable(connection, lambda call: self._look(table, call))
        calls = HouseCalls(connection, table, self._gateway, self._tenant)
        self._log.link(calls)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(table.follow())
            await table.complete()
            self._outlet.link(connection, calls)
            tasks.create_task(self._outlet.run())
            tasks.create_task(self._watch(table, calls).run())
            self.ready.set()

    def _watch(self, table: CallTable, calls: HouseCalls) -> Watch:
        return Watch(self._options, self._gateway, table, calls, self._door, self._outlet, self._door.limits.grace_s)

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()

    def _look(self, table: CallTable, call: str) -> None:
        """Something about a call has changed: it may be no more the door's own."""
        if not self._door.is_feeding(call):
            return
        known = table.calls.get(call)
        if known is None:
            self._door.let_go(call, "ended")
        elif known.owner != self._gateway:
            self._door.let_go(call, "taken_over")

    async def _connect(self) -> KafkaConnection:
        told = False
        while True:
            try:
                await _somebody_listens(self._options)
                return await KafkaConnection.open(self._options)
            except (LogUnavailable, OSError) as error:
                if not told:
                    _log.warning("brokers do not answer: what comes is kept in the spool", error=str(error))
                    told = True
                await asyncio.sleep(TRY_AGAIN_S)


async def _somebody_listens(options: KafkaOptions) -> None:
    """Knocks at the brokers: cheaper than a client, which would not be stopped for half a minute. Raises OSError."""
    servers = [server.strip() for server in options.servers.split(",") if server.strip()]
    for n, server in enumerate(servers, start=1):
        host, _, port = server.rpartition(":")
        try:
            async with asyncio.timeout(2.0):
                _, writer = await asyncio.open_connection(host.strip("[]"), int(port))
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            return
        except (OSError, TimeoutError):
            if n == len(servers):
                raise
