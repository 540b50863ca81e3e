"""An engine for tests and trials of faults: texts by position in the sound, no model. Held to the same suite."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import msgspec

from pipeline.asr.readings import EngineDown, ModelCard, Reading, Unreadable, Window


class Line(msgspec.Struct, frozen=True):
    """What one leg says from one moment to another."""

    stream: str  # leg's key, "call/leg"; "" = any
    start_s: float  # seconds since leg start
    end_s: float
    text: str


class ScriptedEngine:
    """Reads from a script: of each line the share of its characters that the window covers.

    It confesses what it is no model of: it never mishears, takes no time beyond `wait`, and knows nothing of the sound.
    """

    def __init__(
        self,
        lines: Sequence[Line] = (),
        *,
        wait: Callable[[Window], asyncio.Future[None] | None] | None = None,  # holds a reading back until it is done
        unreadable: Callable[[Window], bool] = lambda window: False,
        card: ModelCard | None = None,
    ) -> None:
        self.card = card or ModelCard(name="scripted@1", short_windows=True)
        self.lines = list(lines)
        self.asked: list[Window] = []  # every window that was read
        self.is_up = False
        self._wait = wait
        self._unreadable = unreadable
        self._open: dict[tuple[str, int, int, bool], tuple[Window, asyncio.Future[Reading]]] = {}

    async def start(self) -> None:
        if self.card.name == "":
            raise EngineDown("the script has no model name")
        self.is_up = True

    async def stop(self) -> None:
        self.is_up = False
        for _, future in self._open.values():
            future.cancel()
        self._open.clear()

    def submit(self, window: Window, likely_final: bool = False, careful: bool = False) -> asyncio.Future[Reading]:
        key = (window.stream, window.start, window.end, careful)
        if key in self._open:
            kept, future = self._open[key]
            self._open[key] = (window if window.final else kept, future)
            return future
        if not window.final:
            for other, (waiting, future) in list(self._open.items()):
                if waiting.stream == window.stream and not waiting.final:
                    self._open.pop(other)
                    future.cancel()
        future = asyncio.get_running_loop().create_future()
        self._open[key] = (window, future)
        held = self._wait(window) if self._wait is not None else None
        if held is None:
            asyncio.get_running_loop().call_soon(self._answer, key)
        else:
            held.add_done_callback(lambda _: self._answer(key))
        return future

    def forget(self, stream: str) -> None:
        for key, (window, future) in list(self._open.items()):
            if window.stream == stream:
                self._open.pop(key)
                future.cancel()

    def _answer(self, key: tuple[str, int, int, bool]) -> None:
        window, future = self._open.pop(key, (None, None))
        if window is None or future is None or future.done():
            return
        self.asked.append(window)
        if self._unreadable(window):
            future.set_exception(Unreadable("the script says so"))
        else:
            future.set_result(Reading(text=self.text(window), logprob=-0.1, no_speech=0.01))

    def text(self, window: Window) -> str:
        """What the script says in a window."""
        parts = []
        for line in self.lines:
            if line.stream in ("", window.stream) and line.end_s > line.start_s:
                pace = len(line.text) / (line.end_s - line.start_s)
                first = max(0, round((window.start / 16_000 - line.start_s) * pace))
                last = round((window.end / 16_000 - line.start_s) * pace)
                parts.append(line.text[first : max(first, last)])
        return "".join(parts)
