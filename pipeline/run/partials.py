"""Text still being spoken, from the log to the desk."""

from __future__ import annotations

from collections.abc import AsyncIterator

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
