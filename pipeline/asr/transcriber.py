"""The ear, hop 2 of a call: frames from the log in, utterances and partial text into the log out."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import structlog

from pipeline.asr.checkpoints import Checkpoint, Checkpoints
from pipeline.asr.echo import is_echo
from pipeline.asr.engine import Engine
from pipeline.asr.events import LegName, call_heard
from pipeline.asr.listener import Listener
from pipeline.asr.meter import Meter, NoMeter
from pipeline.asr.options import EarOptions
from pipeline.asr.partials import PartialOutbox
from pipeline.asr.readings import EngineDown
from pipeline.asr.session import CallState, LegSession
from pipeline.asr.stream import Effect, Ended
from pipeline.log.ports import Log, LogFull, Record
from schemas import Event
from schemas.audio import Frame, frame_from
from schemas.calls import AssistSwitched, CallStarted, UtteranceHeard
from schemas.codec import BadEvent, decode, encode
from schemas.topics import AUDIO, CALLS

GROUP = "transcriber"
_BATCH = 200  # audio records heard in one go
_FRESH_S = 2.0  # sound older than this is not worth partial text
_LATE_S = 5.0  # sound older than this means that the ear is late
_DRAIN_S = 8.0  # time finals get when the ear stops
_WATCH_S = 0.5

_log = structlog.get_logger(__name__)

EarState = Literal["ok", "late", "down"]
Notice = Callable[[EarState], Awaitable[None]]


async def _unheeded(state: EarState) -> None:
    pass


class Transcriber:
    """Reads `audio` and `calls`, writes utterances, gaps and `call.heard` into `calls`, and partial text.

    Promises: no sound of a call goes to the model before its notice or while its assistant is off. All sound accepted
    becomes text, silence or a listed gap. After a kill it goes on at each leg's last checkpoint and says nothing twice.
    When the model is too slow it shows fewer partials, then reads on more slowly; it never drops a final.
    """

    def __init__(
        self,
        log: Log,
        engine: Engine,
        options: EarOptions | None = None,
        *,
        meter: Meter | None = None,
        now: Callable[[], float] = time.time,  # unix seconds
        tell: Notice = _unheeded,  # hears of every change of the ear's state
    ) -> None:
        self._log = log
        self._engine = engine
        self._options = options or EarOptions()
        self._meter = meter or NoMeter()
        self._now = now
        self._tell = tell
        self._told: EarState | None = None  # nothing yet: what an earlier process told may still stand
        self._calls: dict[str, CallState] = {}
        self._legs: dict[str, LegSession] = {}
        self._calls_read = self._audio_read = 0  # offsets
        self._unread_since: float | None = None  # when the newest sound read was appended, while there is newer
        self.lag_s = 0.0  # age of that sound, or how long the oldest final has been waited for

    @property
    def audio_read(self) -> int:
        """Offset of the newest record of `audio` taken; 0 before the first."""
        return self._audio_read

    async def run(self, stop: asyncio.Event) -> None:
        """Works until `stop`. Raises EngineDown, LogUnavailable; started again it goes on where the log says."""
        self._calls, self._legs = {}, {}
        self._committed: dict[str, int] = {}
        self._closing: dict[str, int] = {}  # ended call → end of `audio` when its end was known
        try:
            await self._engine.start()
        except EngineDown:
            await self._tell_state("down")
            raise
        try:
            with ThreadPoolExecutor(1, "ear") as self._thread:
                async with asyncio.TaskGroup() as self._tasks:
                    await self._listen(stop)
        finally:
            await self._engine.stop()

    async def _listen(self, stop: asyncio.Event) -> None:
        self._partials = PartialOutbox(self._log)
        showing = self._tasks.create_task(self._partials.run())
        self._tasks.create_task(self._watch(stop))
        self._checkpoints = Checkpoints(self._log)
        self._calls_read = await self._log.committed(GROUP, CALLS)
        self._audio_read = await self._log.committed(GROUP, AUDIO)
        stopping = self._tasks.create_task(stop.wait())
        while not stop.is_set():
            records = await self._log.read(AUDIO, self._audio_read, _BATCH)
            await self._read_calls()  # after the audio was read: its notice and switches stand in the log by now
            await self._hear(records)
            self._unread_since = records[-1].at if records else None
            self._close_calls()
            await self._commit()
            if records:
                await self._wait_for_room(stopping)
            else:
                await self._wait_for_more(stopping)
        await self._drain()
        showing.cancel()

    # -- calls

    async def _read_calls(self) -> None:
        while records := await self._log.read(CALLS, self._calls_read):
            for record in records:
                self._calls_read = record.offset
                try:
                    event = decode(record.value)
                except BadEvent:
                    continue  # the stages park it; here it can only mean a call unknown to us
                await self._apply(event, record.offset)

    async def _apply(self, event: Event, offset: int) -> None:
        if isinstance(event.body, CallStarted) and event.call not in self._calls:
            self._calls[event.call] = CallState(event, offset)
        call = self._calls.get(event.call)
        if call is None:
            return
        was_ended = call.ended is not None
        call.apply(event)
        if call.ended is not None and not was_ended:
            self._closing[event.call] = await self._log.end(AUDIO)
        if call.heard:
            self._forget(event.call)
        elif isinstance(event.body, AssistSwitched):
            for session in self._sessions(event.call):
                if call.is_on:
                    session.listener.resume()
                else:
                    session.listener.silence()

    def _sessions(self, call: str) -> list[LegSession]:
        return [session for key, session in self._legs.items() if key.rpartition("/")[0] == call]

    # -- sound

    async def _hear(self, records: Sequence[Record]) -> None:
        if not records:
            return
        work: list[tuple[LegSession, Frame, Record, bool]] = []
        for record in records:
            self._audio_read = record.offset
            try:
                frame = frame_from(record.key, record.head, record.value)
            except ValueError:
                continue
            call = self._calls.get(frame.call)
            if call is not None and call.noticed and not call.heard:
                session = self._legs.get(record.key) or await self._open_leg(record.key, frame, call, record.offset)
                work.append((session, frame, record, call.was_on(record.at)))
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._thread, _hear_all, work, self._options)
        fresh_since = self._now() - _FRESH_S
        for (session, _, record, _), (effects, checkpoint) in zip(work, found, strict=True):
            if effects:
                session.listener.take(effects, fresh=record.at >= fresh_since)
            if checkpoint is not None:
                self._save(session, record.key, checkpoint)

    async def _open_leg(self, key: str, frame: Frame, call: CallState, first: int) -> LegSession:
        name = LegName(
            tenant=call.started.tenant,
            call=frame.call,
            leg=frame.leg,
            rate=frame.rate,
            cause=call.started.id,
            started=call.started.at,
        )
        stream, read = await self._checkpoints.leg(key, frame.rate, call.offset, first, self._options)
        listener = Listener(
            name,
            self._engine,
            self._options,
            say=self._say,
            show=self._partials.show,
            is_echo=lambda ended: self._is_echo(key, ended),
            known=call.said,
            meter=self._meter,
            now=time.monotonic,
        )
        if not call.is_on:
            listener.silence()
        session = self._legs[key] = LegSession(stream, listener, read, call.offset)
        session.task = self._tasks.create_task(listener.run(), name=f"listener {frame.leg}")
        return session

    def _is_echo(self, key: str, ended: Ended) -> bool:
        """Whether a segment is another leg's voice; both legs' loudness is known by the time a final is read."""
        mine = self._legs.get(key)
        others = [leg for leg in self._sessions(key.rpartition("/")[0]) if leg is not mine]
        window = ended.window
        return mine is not None and any(
            is_echo(mine.stream.loudness, other.stream.loudness, window.start, window.end) for other in others
        )

    async def _say(self, event: Event) -> None:
        if isinstance(event.body, UtteranceHeard):
            self._partials.withdraw(event.body, event.call)
        await self._log.append(CALLS, event.call, encode(event))
        if event.call in self._calls:
            self._calls[event.call].apply(event)

    def _save(self, session: LegSession, key: str, checkpoint: Checkpoint) -> None:
        """Writes a checkpoint as soon as all finals before it are out."""

        async def save() -> None:
            with contextlib.suppress(LogFull):  # it only spares work; text that finds no room is another matter
                await self._checkpoints.save(key, checkpoint)
                session.saved = checkpoint.offset

        session.listener.save(save)

    # -- ends

    def _close_calls(self) -> None:
        for call, end in list(self._closing.items()):
            if self._audio_read >= end:
                del self._closing[call]
                self._tasks.create_task(self._close(self._calls[call]), name="closing")

    async def _close(self, call: CallState) -> None:
        ended = call.ended
        assert ended is not None
        sessions = self._sessions(ended.call)
        for session in sessions:
            session.listener.take(session.stream.flush(), fresh=False)
            session.listener.finish()
        await asyncio.gather(*(session.task for session in sessions if session.task is not None))
        await self._say(call_heard(ended, len(call.utterances), len(call.failures)))

    def _forget(self, call: str) -> None:
        self._calls.pop(call, None)
        self._closing.pop(call, None)
        for key in [key for key in self._legs if key.rpartition("/")[0] == call]:
            session = self._legs.pop(key)
            session.listener.finish()

    async def _drain(self) -> None:
        """1. No more sound is read. 2. Finals due are said, as far as the time goes. 3. Offsets are committed."""
        sessions = list(self._legs.values())
        for session in sessions:
            session.listener.finish()
        tasks = [session.task for session in sessions if session.task is not None]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=_DRAIN_S)
            for task in late:
                task.cancel()
        await self._commit()

    async def _commit(self) -> None:
        """A call's events are needed until it is heard; a leg's sound from its last checkpoint on."""
        calls = min([call.offset - 1 for call in self._calls.values()], default=self._calls_read)
        audio = min([leg.saved for leg in self._legs.values()], default=self._audio_read)
        for topic, offset in ((CALLS, calls), (AUDIO, audio)):
            if self._committed.get(topic) != offset:
                await self._log.commit(GROUP, topic, offset)
                self._committed[topic] = offset

    # -- pace

    async def _wait_for_more(self, stopping: asyncio.Task[bool]) -> None:
        waits = [
            asyncio.ensure_future(self._log.wait(AUDIO, self._audio_read)),
            asyncio.ensure_future(self._log.wait(CALLS, self._calls_read)),
        ]
        try:
            done, _ = await asyncio.wait({*waits, stopping}, return_when=asyncio.FIRST_COMPLETED)
            for wait in done:
                wait.result()
        finally:
            for wait in waits:
                wait.cancel()

    async def _wait_for_room(self, stopping: asyncio.Task[bool]) -> None:
        """Reads no further while the model has more sound waiting than it may."""
        while self._waiting_s() > self._options.batch.most_waiting_s and not stopping.done():
            await asyncio.wait({stopping}, timeout=0.1)

    def _waiting_s(self) -> float:
        return sum(session.listener.waiting_s for session in self._legs.values())

    async def _watch(self, stop: asyncio.Event) -> None:
        """Says how the ear is, whenever that changes."""
        while not stop.is_set():
            waited = max([session.listener.lag_s for session in self._legs.values()], default=0.0)
            unread = self._now() - self._unread_since if self._unread_since is not None else 0.0
            self.lag_s = max(unread, waited)
            self._meter.gauge("hotline_log_oldest_unread_seconds", self.lag_s, topic=AUDIO)
            self._meter.gauge("hotline_ear_streams", sum(not s.stream.is_idle for s in self._legs.values()))
            late: EarState = "late" if self.lag_s > _LATE_S else "ok"
            await self._tell_state(late if self._engine.is_up else "down")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _WATCH_S)

    async def _tell_state(self, state: EarState) -> None:
        if state != self._told:
            self._told = state
            (_log.info if state == "ok" else _log.warning)("ear changed", state=state, lag_s=round(self.lag_s, 1))
            await self._tell(state)


def _hear_all(
    work: list[tuple[LegSession, Frame, Record, bool]], options: EarOptions
) -> list[tuple[list[Effect], Checkpoint | None]]:
    return [
        (session.hear(frame, record.offset, on), session.checkpoint(options.checkpoint_every_s))
        for session, frame, record, on in work
    ]
