"""The embedded house: every part in one process, started and stopped in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from agents.understanding import Understanding
from console.server import serve
from pipeline.log.retention import Retention
from pipeline.run.pulse import pulse
from pipeline.run.supervise import Part, Supervisor
from pipeline.run.understanding import learn_returns
from pipeline.run.warming import warm
from pipeline.run.wiring import House
from schemas.topics import AUDIO

KEEP_EVERY_S = 600.0
_log = structlog.get_logger(__name__)


class Embedded:
    """A running house. `url` and `door_url` are known once `start` has returned."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._supervisor = Supervisor()
        self._stop_metrics: Callable[[], None] = lambda: None
        self.url = ""
        self.door_url = ""

    async def start(self) -> None:
        """Who reads is there before who writes: desk, recorder and relay, stages, ear, and the door last."""
        house, part = self.house, self._supervisor.start
        house.health.down = self._supervisor.down
        stages = [runner.stage for runner in house.stages]
        for stage in stages:
            if isinstance(stage, Understanding):
                await learn_returns(stage.city, house.store)
        await warm(stages)
        if house.settings.metrics_port:
            self._stop_metrics = house.metrics.serve(house.settings.metrics_host, house.settings.metrics_port)
        part("pulse", lambda stop: pulse(house.metrics, house.settings.home, stop))
        part("keeping", self._keep)
        ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        part("console", self._console(ready))
        part("recorder", house.recorder.run)
        part("relay", house.relay.run)
        part("trends", house.trends.run)
        if house.handoff is not None:
            part("handoff", house.handoff.run)
        for runner in house.stages:
            part(f"stage.{runner.name}", runner.run)
        if house.ear is not None:
            part("ear", self._ear)
        port = await ready
        self.url = f"http://{house.settings.host}:{port}"
        await house.door.start()
        self.door_url = house.door.url
        _log.info("house is open", console=self.url, door=self.door_url)

    def _console(self, ready: asyncio.Future[int]) -> Part:
        def opened(port: int) -> None:
            if not ready.done():
                ready.set_result(port)

        async def run(stop: asyncio.Event) -> None:
            settings = self.house.settings
            try:
                await serve(self.house.app, settings.host, settings.port, stop, opened)
            except OSError as error:
                if not ready.done():
                    ready.set_exception(error)
                    return
                raise

        return run

    async def _ear(self, stop: asyncio.Event) -> None:
        """The ear, whose failure every desk is told before the supervisor brings it back."""
        ear, store = self.house.ear, self.house.store
        assert ear is not None
        await store.set_degraded("ear_down", False, datetime.now(UTC))
        try:
            await ear.run(stop)
        except Exception:
            await store.set_degraded("ear_down", True, datetime.now(UTC))
            raise

    async def _keep(self, stop: asyncio.Event) -> None:
        """Retention: what is older than its topic allows is dropped."""
        house = self.house
        retention = Retention(house.log, {AUDIO: house.settings.audio_hours})
        while not stop.is_set():
            await retention.look()
            await house.store.prune(datetime.now(UTC))
            stopping = asyncio.ensure_future(stop.wait())
            await asyncio.wait({stopping}, timeout=KEEP_EVERY_S)
            stopping.cancel()

    async def stop(self) -> None:
        """1. The door: nothing new comes in. 2. Ear, stages, recorder, relay, console, in the reverse order of their
        start: each may still be read by those before it. 3. Store and log, which all of them need."""
        await self.house.door.close()
        cut = await self._supervisor.stop()
        if cut:
            _log.warning("parts had to be cut short", parts=cut)
        self._stop_metrics()
        await self.house.store.close()
        await self.house.log.close()
