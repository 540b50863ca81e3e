"""The engine as the ear's sessions see it: windows of all legs in, readings out, whatever befalls the process."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from pipeline.asr.child import Child, Done, EngineDied, Ready
from pipeline.asr.meter import Meter, NoMeter
from pipeline.asr.options import EarOptions
from pipeline.asr.padding import padded_frames
from pipeline.asr.readings import Care, EngineDown, ModelCard, Reading, Unreadable, Window
from pipeline.asr.scheduler import CAREFUL, FINAL, LIKELY, PARTIAL, Rank, Request, Speed, pick


class Engine(Protocol):
    """Obligations of every engine; `tests/unit/pipeline/asr/test_engines.py` holds each to them.

    * A final is read or its future raises Unreadable; it is never dropped.
    * A partial that still waits when a newer one of its stream comes is cancelled; so is all of a forgotten stream.
    * The same window asked for twice is read once; asked for as a final, it becomes one.
    """

    card: ModelCard  # known once `start` has returned

    @property
    def is_up(self) -> bool:
        """False while the model's process is being replaced."""

    async def start(self) -> None:
        """Loads the model. Raises EngineDown."""

    async def stop(self) -> None:
        """Ends at once; what waits is cancelled."""

    def submit(self, window: Window, likely_final: bool = False, careful: bool = False) -> asyncio.Future[Reading]:
        """Asks for a reading."""

    def forget(self, stream: str) -> None:
        """Drops all that waits of a stream: its assistant was turned off."""


CARE: dict[Rank, Care] = {FINAL: "full", CAREFUL: "careful", LIKELY: "full", PARTIAL: "quick"}


class _Entry:
    def __init__(self, request: Request, future: asyncio.Future[Reading]) -> None:
        self.request = request
        self.future = future

    @property
    def key(self) -> tuple[str, int, int, bool]:
        window = self.request.window
        return window.stream, window.start, window.end, self.request.rank == CAREFUL


class ProcessEngine:
    """The engine in a child process. A hung or crashed child is replaced, and what was open is read again."""

    def __init__(
        self,
        model: str,
        options: EarOptions | None = None,
        meter: Meter | None = None,
        now: Callable[[], float] = time.monotonic,
        module: str = "pipeline.asr.engine_process",
    ) -> None:
        self._model = model  # folder of the weights
        self._options = options or EarOptions()
        self._meter = meter or NoMeter()
        self._now = now
        self._module = module
        self._thread: ThreadPoolExecutor  # the child's pipe belongs to one thread
        self._child: Child | None = None
        self._entries: dict[tuple[str, int, int, bool], _Entry] = {}
        self._reading: list[_Entry] = []  # the batch in hand
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._partials_from = 0.0  # monotonic seconds before which no partial is read
        self.speed = Speed()
        self.restarts = 0
        self.card = ModelCard(name="")

    @property
    def is_up(self) -> bool:
        return self._child is not None

    @property
    def pid(self) -> int | None:
        """The model's process, while there is one."""
        return None if self._child is None else self._child.pid

    async def start(self) -> None:
        self._thread = ThreadPoolExecutor(1, "engine")
        self._entries.clear()
        await self._open()
        self._task = asyncio.create_task(self._run(), name="engine")

    async def stop(self) -> None:
        task, self._task = self._task, None
        child, self._child = self._child, None
        if task is not None:
            task.cancel()
        if child is not None and self._reading:
            child.interrupt()  # its thread is waiting for it
        if task is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await task
        if child is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, child.close)
        for entry in list(self._entries.values()):
            entry.future.cancel()
        self._thread.shutdown(wait=False)

    def submit(self, window: Window, likely_final: bool = False, careful: bool = False) -> asyncio.Future[Reading]:
        rank: Rank = FINAL if window.final else LIKELY if likely_final else PARTIAL
        key = (window.stream, window.start, window.end, careful)
        known = self._entries.get(key)
        if known is not None and not known.future.cancelled() and not self._is_glanced_at(known, rank):
            if rank < known.request.rank and not careful:
                known.request.rank = rank
            return known.future
        if not window.final:
            self._replace_waiting(window.stream)
        request = Request(window=window, rank=CAREFUL if careful else rank, due=self._now())
        entry = _Entry(request, asyncio.get_running_loop().create_future())
        self._entries[key] = entry
        self._wake.set()
        return entry.future

    def forget(self, stream: str) -> None:
        for entry in [e for e in self._entries.values() if e.request.window.stream == stream]:
            entry.future.cancel()
            if entry not in self._reading:
                self._entries.pop(entry.key)

    def _is_glanced_at(self, entry: _Entry, rank: Rank) -> bool:
        """Whether a final is asked for of a window that is being read as a partial just now: that reading won't do."""
        return rank != PARTIAL and entry.request.rank == PARTIAL and entry in self._reading

    def _drop(self, entry: _Entry) -> None:
        if self._entries.get(entry.key) is entry:
            del self._entries[entry.key]

    def _replace_waiting(self, stream: str) -> None:
        for entry in [e for e in self._entries.values() if e.request.window.stream == stream]:
            if entry.request.rank in (LIKELY, PARTIAL) and entry not in self._reading:
                entry.future.cancel()
                self._entries.pop(entry.key)

    def _padded(self, window: Window) -> int:
        return padded_frames(window.samples, self.card.short_windows)

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while batch := self._next():
                await self._read(batch)

    def _next(self) -> list[_Entry]:
        waiting = {id(entry.request): entry for entry in self._entries.values() if self._may_go(entry)}
        rows = self._options.batch.most_rows or (32 if self.card.device == "cuda" else 8)
        chosen = pick((e.request for e in waiting.values()), self._padded, self._options.batch, rows, self.speed)
        return [waiting[id(request)] for request in chosen]

    def _may_go(self, entry: _Entry) -> bool:
        if entry.future.done():
            return False
        return entry.request.rank != PARTIAL or self._now() >= self._partials_from

    def _rest(self, took_s: float) -> None:
        """After a batch of partials the engine stays free for finals a while."""
        pause = took_s * (1 / self._options.batch.partial_duty - 1)
        self._partials_from = self._now() + pause
        asyncio.get_running_loop().call_later(pause + 0.001, self._wake.set)

    async def _read(self, batch: list[_Entry]) -> None:
        care = CARE[batch[0].request.rank]
        frames = max(self._padded(entry.request.window) for entry in batch)
        padded_s = len(batch) * frames / 100
        now = self._now()
        self._meter.observe("hotline_ear_batch_rows", len(batch))
        for entry in batch:
            self._meter.observe("hotline_ear_wait_seconds", now - entry.request.due)
        self._reading = batch
        try:
            done = await self._ask([entry.request.window for entry in batch], care, padded_s)
        except EngineDied as death:
            self._strike(batch)
            await self._replace(death.reason)
            return
        finally:
            self._reading = []
        self.speed.worked(done.took_s, self._now())
        if care != "careful":
            self.speed.learn(padded_s, done.took_s)
        if batch[0].request.rank == PARTIAL:
            self._rest(done.took_s)
        for entry, reading in zip(batch, done.readings, strict=True):
            self._drop(entry)
            if not entry.future.done():
                entry.future.set_result(reading)

    async def _ask(self, windows: list[Window], care: Care, padded_s: float) -> Done:
        child = self._child
        if child is None:
            raise EngineDied("crashed")
        deadline = max(self._options.batch.deadline_s, 20 * self.speed.expected(padded_s))
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, child.ask, windows, care, deadline)

    def _strike(self, batch: list[_Entry]) -> None:
        """Notes an engine's death over these windows; gives up those it happened to too often."""
        for entry in batch:
            entry.request.strikes += 1
            if entry.request.strikes >= self._options.batch.most_strikes or entry.request.rank in (LIKELY, PARTIAL):
                self._drop(entry)
                if not entry.future.done():
                    entry.future.set_exception(Unreadable(f"{entry.request.strikes} engines failed over it"))

    async def _replace(self, reason: str) -> None:
        """A new child for the dead one; tries until there is one, ever more slowly."""
        self._child = None
        wait = 0.5
        while self._child is None:
            self.restarts += 1
            self._meter.count("hotline_ear_restarts_total", reason=reason)
            try:
                await self._open()
            except (EngineDied, EngineDown):
                await asyncio.sleep(wait)
                wait, reason = min(2 * wait, 30.0), "start"

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        child = await loop.run_in_executor(self._thread, Child, self._module, self._model, self._options.decode)
        try:
            ready: Ready = await loop.run_in_executor(
                self._thread, child.wait_ready, self._options.batch.start_deadline_s
            )
        except EngineDied as death:
            raise EngineDown(f"the speech engine {death.reason} while loading {self._model}") from death
        except asyncio.CancelledError:
            child.interrupt()
            raise
        self._child, self.card = child, ready.card
        self.speed.cost = ready.cost
