"""Door 1, step 1 of a call: switches fork their media here over WebSocket. Bytes in; frames and events to the log."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from pipeline.ingest.admission import RETRY_AFTER_S, Admission, echo_subprotocol
from pipeline.ingest.counts import Counts, DoorStats, Measure, measure_nothing
from pipeline.ingest.handover import Handover
from pipeline.ingest.live_call import LiveCall
from pipeline.ingest.moment import Moment
from pipeline.ingest.past import Past
from pipeline.ingest.ports import CallLog
from pipeline.ingest.refusal import CODES, Reason, Refused
from pipeline.ingest.session import Session
from pipeline.ingest.start import Start, Switch
from pipeline.ingest.switchboard import Limits, Switchboard
from pipeline.ingest.writer import Writer
from pipeline.log.ports import LogUnavailable
from schemas.calls import CallStarted

TICK_S = 0.2
AT_ONCE_S = 0.05  # an answer within this is waited for
MOST_EARLY = 256  # messages of a source whose call is still being looked up: 5 s of 20 ms
_LET_GO = {"taken_over": "another gateway took this call over", "ended": "this call has ended"}
_BY_LIBRARY: dict[int, Reason] = {1007: "bad_text", 1009: "too_big"}  # refusals found below us, in the frames


def _now() -> Moment:
    return Moment(time.monotonic_ns(), datetime.now(UTC))


class WsDoor:
    """Accepted audio is in the log; every sample that is not, is in a gap; the phone leg never waits for us.

    A source that must not be served is told why by HTTP status or close code; no other call notices.
    """

    def __init__(
        self,
        log: CallLog,
        switches: Sequence[Switch],
        *,
        tenant: str,  # name of the city pack
        host: str = "127.0.0.1",
        port: int = 0,  # 0 = any free one
        limits: Limits | None = None,
        measure: Measure = measure_nothing,
        alarm: Callable[[str], None] = lambda reason: None,  # `log_full`, `door_fault`: a person must know
        tls: ssl.SSLContext | None = None,
        door: str = "ws",
        now: Callable[[], Moment] = _now,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._log = log
        self._host, self._port, self._tls = host, port, tls
        self.limits = limits or Limits()
        self._now, self._sleep = now, sleep
        self._counts = Counts(door, measure, alarm)
        self._board = Switchboard(door=door, tenant=tenant, limits=self.limits)
        self._writer = Writer(log, self._counts, now)
        self._handover = Handover(log, self._board)
        self._admission = Admission(switches, self._counts, self._busy)
        self._sources: dict[Session, ServerConnection] = {}
        self._server: Server | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._draining = False
        self._empty = asyncio.Event()  # no source is connected; set only while draining
        self._dismissals: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        scheme = "wss" if self._tls else "ws"
        return f"{scheme}://{self._host}:{self.port}/"

    @property
    def port(self) -> int:
        if self._server is None:
            return self._port
        return int(next(iter(self._server.sockets)).getsockname()[1])

    def stats(self) -> DoorStats:
        counts = self._counts
        return DoorStats(
            live=sum(not call.ended for call in self._board.calls.values()),
            sources=len(self._sources),
            begun=counts.begun,
            ended=counts.ended,
            frames=counts.frames,
            refusals=dict(counts.refusals),
            dropped=dict(counts.dropped),
            log_full=counts.log_full,
        )

    async def start(self) -> None:
        """Takes up the calls an earlier life left open, then opens the door."""
        await self._handover.take_up(self._now())
        self._server = await serve(
            self._converse,
            self._host,
            self._port,
            ssl=self._tls,
            process_request=self._admission,
            select_subprotocol=echo_subprotocol,
            compression=None,
            max_size=self.limits.max_message,
            max_queue=32,
            open_timeout=self.limits.start_s,
            close_timeout=2,
            server_header=None,
        )
        self._keeper = asyncio.create_task(self._keep(), name="door-keeper")

    async def close(self, drain_s: float = 0.0) -> None:
        """Takes no new source, gives live calls `drain_s` to end, then hands over what is open to the next life."""
        self._draining = True
        if self._sources:
            self._empty.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._empty.wait(), drain_s)
        if self._server is not None:
            self._server.close(code=CODES["draining"], reason="the door is closing")
            await self._server.wait_closed()  # conversations have ended: each has written its rest
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        await self._drain_all(self.limits.patience_s)

    def is_feeding(self, call: str) -> bool:
        """Whether the call is one of this door's and has not ended."""
        held = self._board.calls.get(call)
        return held is not None and not held.ended

    def let_go(self, call: str, reason: Literal["taken_over", "ended"]) -> None:
        """The call is another door's now, or over: nothing more of it is written here, and its source is told."""
        self._board.let_go(call, Refused(reason, _LET_GO[reason]))
        self._dismiss_evicted()

    async def end_lost(self, call: str, started: CallStarted, past: Past) -> None:
        """Ends a call whose door died, as if its connection had been lost here."""
        lost = self._board.adopt(call, started, past, self._now())
        lost.end("lost", self._now())
        await self._write(lost, self.limits.patience_s)

    async def __aenter__(self) -> WsDoor:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _busy(self) -> Reason | None:
        """Why no new source can be taken just now, if so."""
        if self._draining:
            return "draining"
        if self._counts.log_refused_within(RETRY_AFTER_S):
            return "log_full"
        return "calls" if len(self._sources) >= self.limits.max_calls else None

    async def _converse(self, connection: ServerConnection) -> None:
        """One source, from its first message to its last."""
        switch: Switch = connection.switch  # type: ignore[attr-defined]
        session = Session(self._board, switch, self._now(), empty_ends=connection.subprotocol is not None)
        self._sources[session] = connection
        clean = False
        try:
            while True:
                message, now = await self._receive(session, connection)
                await self._take(session, connection, message, now)
        except Refused as refused:
            clean = refused.reason == "stopped"
            if not clean:
                self._counts.refused(refused.reason, refused.text, switch=switch.name)
            await connection.close(refused.code, refused.wire_text)
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else 1006
            clean = code in (1000, 1005) and closed.rcvd_then_sent is True
            if session.evicted is not None:
                self._counts.refused(session.evicted.reason, session.evicted.text, switch=switch.name)
            elif closed.sent is not None and closed.sent.code in _BY_LIBRARY:
                self._counts.refused(_BY_LIBRARY[closed.sent.code], closed.sent.reason, switch=switch.name)
        except Exception:
            self._counts.fault("source")
            raise
        finally:
            del self._sources[session]
            if not self._sources:
                self._empty.set()
            self._counts.dropped.update(session.dropped)
            session.closed(clean, self._now())
            if session.call is not None:
                await self._write(session.call, self.limits.patience_s)

    async def _receive(self, session: Session, connection: ServerConnection) -> tuple[str | bytes, Moment]:
        """The next message and when it came."""
        if session.early:
            return session.early.popleft()
        deadline = session.deadline
        if deadline is None:
            return await connection.recv(), self._now()
        while True:
            left = deadline - self._now().s
            if left <= 0:
                session.check(self._now())
            try:
                return await asyncio.wait_for(connection.recv(), max(left, 0.001)), self._now()
            except TimeoutError:
                continue

    async def _take(self, session: Session, connection: ServerConnection, message: str | bytes, now: Moment) -> None:
        wait = 0.0
        if isinstance(message, str):
            start = session.text(message, now)
            if start is not None:
                await self._seat(session, connection, start, now)
        else:
            wait = session.binary(message, now)
        if session.call is not None and session.call.outbox:
            await self._write_or_refuse(session.call)
        while wait > 0 and session.evicted is None:  # not reading is how a fast source is slowed down
            step = min(wait, 1.0)
            await self._sleep(step)
            wait -= step
        session.check(self._now())

    async def _seat(self, session: Session, connection: ServerConnection, start: Start, now: Moment) -> None:
        call = self._board.call_id(start)
        past = Past()
        if not self.is_feeding(call):
            asking = asyncio.ensure_future(self._log.past(call))
            try:
                await self._hear_meanwhile(asking, session, connection)
                past = await asking
            except LogUnavailable as error:
                raise Refused("log_full", "the log does not answer") from error
            finally:
                asking.cancel()
        session.seated(start, past, now)
        self._dismiss_evicted()

    async def _hear_meanwhile(
        self, asking: asyncio.Future[Past], session: Session, connection: ServerConnection
    ) -> None:
        """While a question takes long, what the source says is kept with the time at which it came."""
        await asyncio.wait({asking}, timeout=AT_ONCE_S)
        while not asking.done() and len(session.early) < MOST_EARLY:
            receiving = asyncio.ensure_future(connection.recv())
            try:
                await asyncio.wait((asking, receiving), return_when=asyncio.FIRST_COMPLETED)
            finally:
                receiving.cancel()
                await asyncio.wait((receiving,))  # only one may receive at a time
            if receiving.cancelled() or receiving.exception() is not None:
                return  # answered; or closed, which is met again when what came before has been heard
            session.early.append((receiving.result(), self._now()))

    async def _write_or_refuse(self, call: LiveCall) -> None:
        if await self._write(call, self.limits.patience_s):
            return
        if not call.begun:
            self._board.forget(call)  # its start was never written: there is no such call
            call.outbox.clear()
        raise Refused("log_full", "the log takes nothing at the moment")

    async def _write(self, call: LiveCall, patience_s: float) -> bool:
        taken = await self._writer.drain(call, patience_s)
        if taken and call.ended:
            self._board.forget(call)
        return taken

    def _dismiss_evicted(self) -> None:
        """Closes them in the background: an evicted source may be too dead to answer."""
        for session, connection in self._sources.items():
            if session.evicted is not None and not session.dismissed:
                session.dismissed = True
                task = asyncio.create_task(connection.close(session.evicted.code, session.evicted.wire_text))
                self._dismissals.add(task)
                task.add_done_callback(self._dismissals.discard)

    async def _keep(self) -> None:
        """Every 0.2 s: grace times, quiet calls, what is still to be written."""
        while True:
            await asyncio.sleep(TICK_S)
            try:
                self._board.tick(self._now())
                self._dismiss_evicted()
                await self._drain_all(self.limits.patience_s)
            except Exception:  # one call's fault must not leave all others without their end
                self._counts.fault("keeper")

    async def _drain_all(self, patience_s: float) -> None:
        calls = [call for call in self._board.calls.values() if call.outbox or call.ended]
        await asyncio.gather(*(self._write(call, patience_s) for call in calls))
        await self._handover.mark()
