"""Hand-off, after a decision: delivers dispatched tickets to the city's system. At least once; the id makes it once."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

import structlog

from console.ports import Unavailable
from pipeline.record.handoff_pace import next_try
from pipeline.record.pausing import pause
from pipeline.record.webhook_verdict import WORDS, Answer, Reason, judge
from pipeline.store import handoff_queue
from pipeline.store.handoff_queue import Due
from pipeline.store.sql_store import SqlStore

LOOK_S = 0.5  # how often decisions of another process are looked for
GRACE_S = 2.0  # of tries under way, when told to stop
AT_ONCE = 8  # tries under way; a slow answer to one holds up no more than its round
PAUSES_S = (0.05, 0.2, 0.5, 1.0)  # between tries while the database is away
log_line = structlog.get_logger("handoff")


class Post(Protocol):
    """One try at the receiver."""

    async def post(self, id_: str, body: bytes, now: datetime) -> Answer: ...


class HandoffDelivery:
    """Every hand-off arrives, versions of a ticket in their order, or after 24 h or a refusal a person is told."""

    def __init__(
        self,
        store: SqlStore,
        to: Post,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        dice: Callable[[], float] = random.random,
    ) -> None:
        self._store = store
        self._to = to
        self._now = now
        self._dice = dice

    async def run(self, stop: asyncio.Event) -> None:
        """Delivers until `stop`; woken by the store, and looking by itself for other processes' decisions."""
        tries, on = 0, False
        while not stop.is_set():
            heard = self._store.handoffs.newest
            try:
                if not on:
                    await self._store.write(lambda tx: handoff_queue.switch_on(tx, self._now()))
                    on = True
                while not stop.is_set() and await self._round_or(stop):
                    pass
                tries = 0
                await pause(self._store.handoffs.wait(heard, LOOK_S), stop)
            except Unavailable as error:
                log_line.warning("handoff_waits", reason=type(error).__name__)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), PAUSES_S[min(tries, len(PAUSES_S) - 1)])
                tries += 1

    async def round(self) -> int:
        """Tries what is due now, different tickets at once; returns how many tries were made."""
        due = await self._store.read(lambda c: handoff_queue.due(c, self._now(), AT_ONCE))
        tried = await asyncio.gather(*(self._try(each) for each in due), return_exceptions=True)
        for fault in tried:
            if isinstance(fault, BaseException):
                raise fault
        return len(due)

    async def _round_or(self, stop: asyncio.Event) -> int:
        """A round that does not outlive `stop` by much; a try cut short is made again in the next life."""
        working, stopping = asyncio.ensure_future(self.round()), asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                await asyncio.wait({working}, timeout=GRACE_S)
            return working.result() if working.done() else 0
        finally:
            for task in (working, stopping):
                task.cancel()
            await asyncio.gather(working, stopping, return_exceptions=True)

    async def _try(self, due: Due) -> None:
        if not due.whole or not due.confirmed:
            await self._park(due, "unconfirmed" if due.whole else "altered")
            return
        answer = await self._to.post(due.id, due.body, self._now())
        # killed here, it goes out again under the same id, and the receiver knows it by that
        now = self._now()
        verdict = judge(answer, now)
        log_line.info(
            "handoff_tried", handoff=due.id, status=answer.status, outcome=verdict.outcome, tries=due.tries + 1
        )
        if verdict.outcome == "delivered":
            found = (due.id, now, answer.status, verdict.proof, verdict.receipt)
            await self._store.write(lambda tx: handoff_queue.delivered(tx, *found))
            return
        reason = verdict.reason or "refused"
        if verdict.outcome == "later":
            first = datetime.fromisoformat(due.first_at) if due.first_at else now
            again = next_try(now, first, due.tries + 1, self._dice(), verdict.wait_s)
            if again is not None:
                later = again
                await self._store.write(lambda tx: handoff_queue.put_off(tx, due.id, now, answer.status, reason, later))
                return
        await self._park(due, reason, answer.status, verdict.said, gave_up=verdict.outcome == "later")

    async def _park(self, due: Due, reason: Reason, status: int = 0, said: str = "", gave_up: bool = False) -> None:
        words = WORDS[reason] + (f"（HTTP {status}）" if status else "") + ("，已重试 24 小时" if gave_up else "")
        now = self._now()
        await self._store.write(lambda tx: handoff_queue.parked(tx, due.id, now, status, reason, words, said))
        log_line.error("handoff_parked", handoff=due.id, reason=reason, status=status, tries=due.tries + 1)
