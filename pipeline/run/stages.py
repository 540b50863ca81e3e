"""Runs one stage over a log: read, step, append, commit, in that order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from agents.stage import Stage
from agents.step import Source, step
from pipeline.failpoint import passing
from pipeline.log.ports import LogFull, LogUnavailable, Record
from schemas.codec import encode
from schemas.event import Event
from schemas.topics import DEAD, TOPIC_OF

BATCH = 64  # records read at once; outputs of a batch are appended before its offset is committed
RETRY_S = 0.2


class StageLog(Protocol):
    """What a stage needs of a log; see `pipeline.log.ports.Log`."""

    async def read(self, topic: str, after: int, limit: int = 500) -> list[Record]: ...
    async def wait(self, topic: str, after: int) -> None: ...
    async def append_many(self, topic: str, records: Sequence[tuple[str, bytes, bytes]]) -> list[int]: ...
    async def committed(self, group: str, topic: str) -> int: ...
    async def commit(self, group: str, topic: str, offset: int) -> None: ...


class StageRunner:
    """Promise: every record of the stage's topic passes through it at least once, in order, and its outputs are durable
    before the record counts as done."""

    def __init__(
        self, log: StageLog, stage: Stage, observe: Callable[[str, float], None] = lambda stage, seconds: None
    ) -> None:
        self._log = log
        self.stage = stage
        self._observe = observe
        self.name = stage.name
        self.group = f"stage.{stage.name}"
        self.position = 0  # last offset done

    async def run(self, stop: asyncio.Event) -> None:
        """Works until `stop` is set; what is unfinished then is met again at the next start."""
        self.position = await self._log.committed(self.group, self.stage.reads)
        stopping = asyncio.ensure_future(stop.wait())
        try:
            while not stop.is_set():
                records = await self._log.read(self.stage.reads, self.position, BATCH)
                if not records:
                    waiting = asyncio.ensure_future(self._log.wait(self.stage.reads, self.position))
                    await asyncio.wait({waiting, stopping}, return_when=asyncio.FIRST_COMPLETED)
                    waiting.cancel()
                    continue
                await self._take(records)
        finally:
            stopping.cancel()

    async def oldest_unread_s(self) -> float:
        """Age of the oldest event not yet done, seconds; 0 when there is none."""
        waiting = await self._log.read(self.stage.reads, self.position, 1)
        return max(0.0, time.time() - waiting[0].at) if waiting else 0.0

    async def _take(self, records: list[Record]) -> None:
        outputs: dict[str, list[tuple[str, bytes, bytes]]] = {}
        for record in records:
            began = time.perf_counter()
            source = Source(topic=record.topic, offset=record.offset, key=record.key, lane=record.lane)
            for event in await step(self.stage, record.value, source, asyncio.sleep):
                outputs.setdefault(_topic(event), []).append((event.call, encode(event), b""))
            self._observe(self.stage.name, time.perf_counter() - began)
        # Outputs first, offset second: a kill in between repeats the batch, and ids from causes make that harmless.
        passing("stages.before_append")
        for topic, batch in outputs.items():
            await self._append(topic, batch)
        passing("stages.after_append")
        await self._log.commit(self.group, self.stage.reads, records[-1].offset)
        self.position = records[-1].offset

    async def _append(self, topic: str, batch: list[tuple[str, bytes, bytes]]) -> None:
        while True:
            try:
                await self._log.append_many(topic, batch)
                return
            except (LogFull, LogUnavailable):
                await asyncio.sleep(RETRY_S)


def _topic(event: Event) -> str:
    return TOPIC_OF.get(event.type, DEAD)
