"""The engine as the ear's sessions see it: windows of all legs in, readings out, whatever befalls the process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from msgspec import structs

from pipeline.asr.child import Child, Done, EngineDied, Ready
from pipeline.asr.meter import Meter, NoMeter
from pipeline.asr.options import BatchOptions, EarOptions, lanes_of
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
        self._threads: ThreadPoolExecutor  # one per lane
        self._child: Child | None = None
        self._entries: dict[tuple[str, int, int, bool], _Entry] = {}
        self._in_hand: dict[int, list[_Entry]] = {}  # lane → the batch it reads
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
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
        self._threads = ThreadPoolExecutor(lanes_of(self._options.decode), "engine")
        self._entries.clear()
        self._in_hand.clear()
        await self._open()
        self._spawn(self._run())

    async def stop(self) -> None:
        child, self._child = self._child, None
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        if child is not None and self._in_hand:
            child.interrupt()  # threads are waiting for it
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(self._threads.shutdown)  # after this no thread uses a pipe
        if child is not None:
            await asyncio.to_thread(child.close)
        for entry in list(self._entries.values()):
            entry.future.cancel()

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="engine")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

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
            if not self._is_read(entry):
                self._entries.pop(entry.key)

    def _is_read(self, entry: _Entry) -> bool:
        return any(entry in batch for batch in self._in_hand.values())

    def _is_glanced_at(self, entry: _Entry, rank: Rank) -> bool:
        """Whether a final is asked for of a window that is being read as a partial just now: that reading won't do."""
        return rank != PARTIAL and entry.request.rank == PARTIAL and self._is_read(entry)

    def _drop(self, entry: _Entry) -> None:
        if self._entries.get(entry.key) is entry:
            del self._entries[entry.key]

    def _replace_waiting(self, stream: str) -> None:
        for entry in [e for e in self._entries.values() if e.request.window.stream == stream]:
            if entry.request.rank in (LIKELY, PARTIAL) and not self._is_read(entry):
                entry.future.cancel()
                self._entries.pop(entry.key)

    def _padded(self, window: Window) -> int:
        return padded_frames(window.samples, self.card.short_windows)

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while (lane := self._free_lane()) is not None and (batch := self._next()):
                self._in_hand[lane] = batch
                self._spawn(self._read(lane, batch))

    def _free_lane(self) -> int | None:
        if self._child is None:
            return None
        return next((lane for lane in range(self.card.lanes) if lane not in self._in_hand), None)

    def _next(self) -> list[_Entry]:
        """What the next free lane reads. A window an engine died over is read while nothing else is."""
        if any(entry.request.strikes for batch in self._in_hand.values() for entry in batch):
            return []
        waiting = {id(entry.request): entry for entry in self._entries.values() if self._may_go(entry)}
        rows = self._options.batch.most_rows or self.card.rows
        chosen = pick((e.request for e in waiting.values()), self._padded, self._limits(), rows, self.speed)
        if chosen and chosen[0].strikes and self._in_hand:
            return []
        return [waiting[id(request)] for request in chosen]

    def _limits(self) -> BatchOptions:
        """Where a lane is kept for finals, they wait behind no partial, and a dear one need not be left out."""
        limits = self._options.batch
        return limits if self.card.lanes == 1 else structs.replace(limits, partial_busy_s=limits.partial_most_s)

    def _may_go(self, entry: _Entry) -> bool:
        if entry.future.done() or self._is_read(entry):
            return False
        if entry.request.rank != PARTIAL:
            return True
        if self.card.lanes == 1:
            return self._now() >= self._partials_from
        partials = sum(batch[0].request.rank == PARTIAL for batch in self._in_hand.values())
        return partials < self.card.lanes - 1

    def _rest(self, took_s: float) -> None:
        """After a batch of partials the only lane stays free for finals a while."""
        pause = took_s * (1 / self._options.batch.partial_duty - 1)
        self._partials_from = self._now() + pause
        asyncio.get_running_loop().call_later(pause + 0.001, self._wake.set)

    async def _read(self, lane: int, batch: list[_Entry]) -> None:
        care = CARE[batch[0].request.rank]
        frames = max(self._padded(entry.request.window) for entry in batch)
        padded_s = len(batch) * frames / 100
        now = self._now()
        self._meter.observe("hotline_ear_batch_rows", len(batch))
        for entry in batch:
            self._meter.observe("hotline_ear_wait_seconds", now - entry.request.due)
        child = self._child
        try:
            done = await self._ask(child, lane, [entry.request.window for entry in batch], care, padded_s)
        except EngineDied as death:
            if self._child is child:  # the first lane to notice; whichever window it was, all in hand are suspects
                self._child = None
                self._strike([entry for hand in self._in_hand.values() for entry in hand])
                self._spawn(self._replace(death.reason))
            return
        finally:
            del self._in_hand[lane]
            self._wake.set()
        self.speed.worked(done.took_s / self.card.lanes, self._now())
        if care != "careful":
            self.speed.learn(padded_s, done.took_s)
        if batch[0].request.rank == PARTIAL and self.card.lanes == 1:
            self._rest(done.took_s)
        for entry, reading in zip(batch, done.readings, strict=True):
            self._drop(entry)
            if not entry.future.done():
                entry.future.set_result(reading)

    async def _ask(self, child: Child | None, lane: int, windows: list[Window], care: Care, padded_s: float) -> Done:
        if child is None:
            raise EngineDied("crashed")
        deadline = max(self._options.batch.deadline_s, 20 * self.speed.expected(padded_s))
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, child.ask, windows, care, deadline, lane)

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
        wait = 0.5
        while self._child is None:
            self.restarts += 1
            self._meter.count("hotline_ear_restarts_total", reason=reason)
            try:
                await self._open()
            except (EngineDied, EngineDown):
                await asyncio.sleep(wait)
                wait, reason = min(2 * wait, 30.0), "start"
        self._wake.set()

    async def _open(self) -> None:
        loop = asyncio.get_running_loop()
        child = await loop.run_in_executor(self._threads, Child, self._module, self._model, self._options.decode)
        try:
            ready: Ready = await loop.run_in_executor(
                self._threads, child.wait_ready, self._options.batch.start_deadline_s
            )
        except EngineDied as death:
            raise EngineDown(f"the speech engine {death.reason} while loading {self._model}") from death
        except asyncio.CancelledError:
            child.interrupt()
            raise
        self._child, self.card = child, ready.card
        self.speed.cost = ready.cost
