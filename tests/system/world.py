"""The embedded house for system tests: everything real but the model, whose place a script takes."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from pipeline.asr.scripted import Line, ScriptedEngine
from pipeline.demo.samples import FOLDER
from pipeline.play.source import PlayedCall
from pipeline.run.wiring import House, build
from pipeline.settings import Settings
from schemas.commands import Actor
from schemas.desk import CallView
from schemas.ids import call_id

TOKEN = "a-token-for-tests-only"
SAMPLE = "water-outage"
SUPERVISOR = Actor(user="watcher", login="watcher", name="watcher", role="supervisor")
PATIENCE_S = 300.0  # bound of a wait by condition; a test that meets it fails


def settings_in(folder: Path, **changes: Any) -> Settings:
    base = {"home": folder, "port": 0, "door_port": 0, "door_max_ahead_s": 0.0, "switches": f"switch={TOKEN}"}
    return Settings(**{**base, **changes})


def lines_of(source: str, sample: str = SAMPLE) -> list[Line]:
    """What the sample's speakers say, as lines of the call that `source` will become."""
    reference = json.loads((FOLDER / f"{sample}.json").read_text(encoding="utf-8"))
    call = call_id("ws", source)
    return [Line(f"{call}/{t['leg']}", t["start"], t["end"], t["text"]) for t in reference["turns"]]


def played(source: str, agent: str | None = None, sample: str = SAMPLE, ani: str = "13905880216") -> PlayedCall:
    return PlayedCall(path=FOLDER / f"{sample}.wav", source=source, agent=agent, ani=ani)


def scripted_house(folder: Path, *sources: str, **changes: Any) -> House:
    lines = [line for source in sources for line in lines_of(source)]
    return build(settings_in(folder, **changes), ScriptedEngine(lines))


async def until(look: Callable[[], Awaitable[Any]], what: str) -> Any:
    """Waits by condition; returns what the condition found."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if found := await look():
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"not within {PATIENCE_S:.0f} s: {what}")


async def heard(house: House, source: str) -> CallView:
    """The call's view once the ear is through and the stages have understood it."""

    async def look() -> CallView | None:
        view = await house.store.call(SUPERVISOR, call_id("ws", source))
        return view if view is not None and view.summary.state == "heard" else None

    return await until(look, f"call {source} heard")
