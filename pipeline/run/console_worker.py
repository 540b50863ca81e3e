"""`hotline console`: the desk of a house on Kafka. Any number of them; they read the store and write only decisions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from console.server import make_app, serve
from pipeline.log.kafka import KafkaConnection, KafkaLane
from pipeline.metrics import Metrics
from pipeline.run.health import DiskHealth
from pipeline.run.partials import LanePartials
from pipeline.run.wiring import desk_options
from pipeline.settings import Settings
from pipeline.store.sql_store import SqlStore
from schemas.catalogue import CityPack
from schemas.topics import LANES


class ConsoleWorker:
    """The same desk as the embedded house's; only text still being spoken comes from Kafka."""

    def __init__(
        self, settings: Settings, connection: KafkaConnection, store: SqlStore, city: CityPack, metrics: Metrics
    ) -> None:
        self._settings = settings
        lanes = [KafkaLane(connection, n).reader("partials") for n in range(LANES)]
        settings.home.mkdir(parents=True, exist_ok=True)
        self._app = make_app(
            store,
            LanePartials(lanes),
            city,
            desk_options(settings),
            health=DiskHealth(settings.home),
            observe=metrics,
        )

    async def run(self, stop: asyncio.Event, opened: Callable[[int], None] = lambda port: None) -> None:
        """Serves until `stop`; `opened` hears the port."""
        await serve(self._app, self._settings.host, self._settings.port, stop, opened)
