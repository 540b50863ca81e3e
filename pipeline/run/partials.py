"""Text still being spoken, from the log to the desk."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from pipeline.log.ports import Log
from schemas.calls import PartialHeard
from schemas.codec import BadEvent, decode
from schemas.desk import Partial
from schemas.topics import PARTIALS


class LogPartials:
    """Follows topic `partials` from now on: older partials are of no use to anybody."""

    def __init__(self, log: Log) -> None:
        self._log = log

    async def follow(self) -> AsyncIterator[Partial]:
        after = await self._log.end(PARTIALS)
        while True:
            await self._log.wait(PARTIALS, after)
            for record in await self._log.read(PARTIALS, after):
                after = record.offset
                try:
                    event = decode(record.value)
                except BadEvent:
                    continue
                body = event.body
                if isinstance(body, PartialHeard):
                    yield Partial(
                        call=event.call,
                        leg=body.leg,
                        segment=body.segment,
                        rev=body.rev,
                        start_s=body.start_s,
                        stable=body.stable,
                        unstable=body.unstable,
                    )


class LanePartials:
    """Follows many logs as one: the lanes of a house on Kafka. A desk that is slow gets the newest, not all."""

    def __init__(self, logs: Sequence[Log]) -> None:
        self._logs = logs

    async def follow(self) -> AsyncIterator[Partial]:
        """Raises LogUnavailable as soon as one of them can't be followed."""
        newest: dict[tuple[str, str], Partial] = {}  # call and leg → what waits to be shown
        some = asyncio.Event()

        async def one(log: Log) -> None:
            async for partial in LogPartials(log).follow():
                newest[partial.call, partial.leg] = partial
                some.set()

        tasks = [asyncio.create_task(one(log)) for log in self._logs]
        try:
            while True:
                waiting = asyncio.create_task(some.wait())
                done, _ = await asyncio.wait({waiting, *tasks}, return_when=asyncio.FIRST_COMPLETED)
                waiting.cancel()
                for task in done - {waiting}:
                    task.result()
                some.clear()
                while newest:
                    yield newest.pop(next(iter(newest)))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
