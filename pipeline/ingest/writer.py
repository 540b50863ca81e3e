"""From a call's outbox to the log, in order; what the log won't take becomes a gap, never a silent loss."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from weakref import WeakKeyDictionary

from pipeline.ingest.counts import Counts
from pipeline.ingest.live_call import LiveCall, Write
from pipeline.ingest.moment import Moment
from pipeline.ingest.ports import CallLog
from pipeline.log.ports import LogFull, LogUnavailable
from schemas.calls import CallEnded, CallStarted

RETRY_S = 0.05  # seconds between tries
BATCH = 64  # records of one append


class Writer:
    """A frame counts as accepted when its append has returned; writes of one call never pass each other.

    Retrying is harmless: frames carry (call, leg, seq) and events their derived id, the same at each try.
    """

    def __init__(self, log: CallLog, counts: Counts, now: Callable[[], Moment]) -> None:
        self._log = log
        self._counts = counts
        self._now = now
        self._locks: WeakKeyDictionary[LiveCall, asyncio.Lock] = WeakKeyDictionary()

    async def drain(self, call: LiveCall, patience_s: float) -> bool:
        """Writes the outbox empty. False: the log takes nothing; the audio is counted as overflow, the events wait."""
        lock = self._locks.setdefault(call, asyncio.Lock())
        async with lock:
            given_up_at = time.monotonic() + patience_s
            while call.outbox:
                batch = _next(call)
                try:
                    begun = time.perf_counter()
                    offsets = await self._log.append_many(batch[0].topic, [(w.key, w.value, w.head) for w in batch])
                    frames = sum(write.frame is not None for write in batch)
                    self._counts.taken(batch[0].topic, frames, time.perf_counter() - begun)
                except (LogFull, LogUnavailable) as error:
                    if time.monotonic() < given_up_at:
                        await asyncio.sleep(RETRY_S)
                        continue
                    lost = call.overflow(self._now())
                    self._counts.log_refused(call, batch[0].topic, error, lost)
                    return False
                if not call.outbox or call.outbox[0] is not batch[0]:
                    return True  # the door has let go of the call meanwhile
                for _ in batch:
                    call.outbox.popleft()
                self._note(call, batch, offsets)
        return True

    def _note(self, call: LiveCall, batch: list[Write], offsets: list[int]) -> None:
        for write, offset in zip(batch, offsets, strict=True):
            if write.event is not None and isinstance(write.event.body, CallStarted):
                call.begun, call.started_offset = True, offset
                self._counts.started()
            elif write.event is not None and isinstance(write.event.body, CallEnded):
                self._counts.ended += 1
        for gap in call.take_misses():
            self._counts.missed(gap.cause, gap.samples)


def _next(call: LiveCall) -> list[Write]:
    """The next writes that may share an append: those at the head that go to the same topic."""
    batch: list[Write] = []
    for write in call.outbox:
        if batch and (write.topic != batch[0].topic or len(batch) == BATCH):
            break
        batch.append(write)
    return batch
