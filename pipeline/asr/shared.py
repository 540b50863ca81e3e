"""One engine for many ears: each lane's transcriber may start and stop it; the model stays loaded for the others."""

from __future__ import annotations

import asyncio

from pipeline.asr.engine import Engine
from pipeline.asr.readings import ModelCard, Reading, Window


class SharedEngine:
    """An engine's face towards one ear. The engine itself is started before and stopped after all of them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.card: ModelCard = engine.card
        self._streams: set[str] = set()

    @property
    def is_up(self) -> bool:
        return self._engine.is_up

    async def start(self) -> None:
        """It runs already."""
        self.card = self._engine.card

    async def stop(self) -> None:
        """What this ear still waits for is dropped; the engine reads on for the others."""
        for stream in self._streams:
            self._engine.forget(stream)
        self._streams.clear()

    def submit(self, window: Window, likely_final: bool = False, careful: bool = False) -> asyncio.Future[Reading]:
        self._streams.add(window.stream)
        return self._engine.submit(window, likely_final, careful)

    def forget(self, stream: str) -> None:
        self._streams.discard(stream)
        self._engine.forget(stream)
