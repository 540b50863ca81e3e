"""One leg's ear: turns the effects of its stream into readings, and readings into partial and final text, in order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import msgspec

from pipeline.asr.agreement import Agreement
from pipeline.asr.engine import Engine
from pipeline.asr.events import STAGE, LegName, gap_found, partial_heard, utterance, utterance_heard
from pipeline.asr.finals import final_of
from pipeline.asr.guards import guarded, looks_wrong
from pipeline.asr.meter import Meter
from pipeline.asr.options import EarOptions
from pipeline.asr.readings import Reading, Unreadable, Window
from pipeline.asr.stream import Began, Due, Effect, Ended, Muted
from schemas import Event
from schemas.audio import GapCause
from schemas.ids import output_id

Say = Callable[[Event], Awaitable[None]]


class _Final(msgspec.Struct, kw_only=True, eq=False):
    ended: Ended
    heard: Agreement
    start: int  # of the segment, samples at 16 kHz
    rev: int  # of its newest partial; 0 = none was shown
    reading: asyncio.Future[Reading]
    decided: float  # monotonic seconds


class _Saved(msgspec.Struct, frozen=True):
    save: Callable[[], Awaitable[None]]


class Listener:
    """One leg on the event loop. Promise: finals and checkpoints come out in the order of the sound; none is lost."""

    def __init__(
        self,
        name: LegName,
        engine: Engine,
        options: EarOptions,
        *,
        say: Say,  # appends to topic `calls`
        show: Callable[[Event], None],  # newest partial of this leg
        is_echo: Callable[[Ended], bool],  # the other leg's voice, leaked into this one
        known: set[str],  # ids of events this leg has already said, in an earlier life
        meter: Meter,
        now: Callable[[], float],  # monotonic seconds
    ) -> None:
        self._name = name
        self._stream = f"{name.call}/{name.leg}"
        self._engine = engine
        self._options = options
        self._say = say
        self._show = show
        self._is_echo = is_echo
        self._known = known
        self._meter = meter
        self._now = now
        self._ahead: tuple[Window, asyncio.Future[Reading]] | None = None  # the likely final, read while it is quiet
        self._open: Agreement | None = None
        self._start = 0  # of the open segment, samples at 16 kHz
        self._rev = 0
        self._off = False  # the assistant is switched off
        self._queue: asyncio.Queue[_Final | Event | _Saved | None] = asyncio.Queue()
        self._oldest: float | None = None  # when the final now being read was decided
        self.waiting_s = 0.0  # seconds of sound in finals that are not out yet

    def take(self, effects: list[Effect], fresh: bool) -> None:
        """Acts on what the stream found. Text that is not `fresh` is shown only when final."""
        for effect in effects:
            match effect:
                case Began(start):
                    self._open, self._start, self._rev, self._ahead = Agreement(), start, 0, None
                case Due(window, likely_final):
                    if fresh:
                        self._read_on(window, likely_final)
                case Ended():
                    self._close(effect)
                case Muted(first, last):
                    self._open = None
                    self._queue.put_nowait(gap_found(self._name, first, last, "paused"))

    def silence(self) -> None:
        """The assistant was turned off: nothing more goes to the model; what waits becomes a gap."""
        self._off = True
        self._open = self._ahead = None
        self._engine.forget(self._stream)

    def resume(self) -> None:
        """The assistant was turned on again."""
        self._off = False

    def save(self, save: Callable[[], Awaitable[None]]) -> None:
        """Runs `save` once all that was heard before is out."""
        self._queue.put_nowait(_Saved(save))

    def finish(self) -> None:
        """No more effects will come; `run` returns when all is out."""
        self._queue.put_nowait(None)

    async def run(self) -> None:
        """Delivers, one after the other."""
        while (item := await self._queue.get()) is not None:
            if isinstance(item, _Saved):
                await item.save()
            elif isinstance(item, Event):
                await self._tell(item)
            else:
                self._oldest = item.decided
                event = await self._final(item)
                self.waiting_s -= item.ended.window.seconds
                if event is not None:
                    await self._tell(event)
                elif item.rev:  # what was shown turned out to be nothing
                    end = item.ended.window.end
                    self._show(partial_heard(self._name, item.start, end, item.rev + 1, "", ""))
                self._oldest = None
                self._meter.observe("hotline_ear_final_seconds", self._now() - item.decided)

    @property
    def lag_s(self) -> float:
        """How long the oldest final has been waited for."""
        return 0.0 if self._oldest is None else self._now() - self._oldest

    async def _tell(self, event: Event) -> None:
        if event.id not in self._known:
            await self._say(event)

    def _close(self, ended: Ended) -> None:
        heard, self._open = self._open or Agreement(), None
        if self._is_known(ended):
            return
        if self._off:
            self._queue.put_nowait(gap_found(self._name, ended.first_sample, ended.last_sample, "paused"))
            return
        reading = self._ready(ended.window) or self._engine.submit(ended.window)
        self._ahead = None
        self.waiting_s += ended.window.seconds
        due = _Final(ended=ended, heard=heard, start=self._start, rev=self._rev, reading=reading, decided=self._now())
        self._queue.put_nowait(due)

    def _is_known(self, ended: Ended) -> bool:
        name = self._name
        causes: tuple[GapCause, ...] = ("unreadable", "paused")
        gaps = {gap_found(name, ended.first_sample, ended.last_sample, cause).id for cause in causes}
        text = output_id(utterance(name, ended, self._engine.card.name), STAGE)
        return not self._known.isdisjoint({text, *gaps})

    def _ready(self, window: Window) -> asyncio.Future[Reading] | None:
        """The reading made while it was quiet, when it is of this very window and there already."""
        if self._ahead is None:
            return None
        ahead, future = self._ahead
        same = (ahead.start, ahead.end) == (window.start, window.end)
        there = future.done() and not future.cancelled() and future.exception() is None
        return future if same and there else None

    def _read_on(self, window: Window, likely_final: bool) -> None:
        segment = self._open
        if segment is None or self._off:
            return
        future = self._engine.submit(window, likely_final=likely_final)
        if likely_final:
            self._ahead = (window, future)

        def show(done: asyncio.Future[Reading]) -> None:
            if done.cancelled() or done.exception() is not None or self._open is not segment:
                return
            self._partial(segment, window, done.result())

        future.add_done_callback(show)

    def _partial(self, segment: Agreement, window: Window, reading: Reading) -> None:
        if looks_wrong(reading, window.seconds, self._options.decode.worst_logprob):
            return
        text = guarded(reading, window.seconds, certainty=1.0).text
        if text and segment.update(text):
            self._rev += 1
            self._show(partial_heard(self._name, window.start, window.end, self._rev, segment.stable, segment.unstable))

    async def _final(self, due: _Final) -> Event | None:
        ended, name = due.ended, self._name
        try:
            final = await final_of(self._engine, ended, due.reading, due.heard, self._options.decode.worst_logprob)
        except Unreadable:
            return gap_found(name, ended.first_sample, ended.last_sample, "unreadable")
        if final is None:
            return gap_found(name, ended.first_sample, ended.last_sample, "paused")
        if not final.text or self._is_echo(ended):
            return None
        return utterance_heard(name, ended, self._engine.card.name, final)
