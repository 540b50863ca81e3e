"""What operations watch of one embedded process: is the ear up, do the stages keep pace, is there disk."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from console.wire import Check
from pipeline.asr.transcriber import Transcriber
from pipeline.run.stages import StageRunner

LEAST_DISK = 1 << 30  # bytes
LATE_S = 5.0  # an event older than this, not yet read, is late


class HouseHealth:
    """Says how the parts are, by name; called by the health page."""

    def __init__(self, home: Path, ear: Transcriber | None, stages: Sequence[StageRunner]) -> None:
        self._home = home
        self._ear = ear
        self._stages = stages
        self.down: dict[str, str] = {}  # parts the supervisor is bringing back

    async def __call__(self) -> dict[str, Check]:
        checks = {
            "disk": _disk(self._home),
            "parts": Check(ok=not self.down, detail="、".join(sorted(self.down)), value=len(self.down)),
        }
        if self._ear is None:
            checks["ear"] = Check(ok=True, detail="未启用语音识别")
        else:
            lag = self._ear.lag_s
            checks["ear"] = Check(ok=lag < LATE_S and "ear" not in self.down, value=lag, unit="s")
        for runner in self._stages:
            age = await runner.oldest_unread_s()
            checks[f"stage.{runner.name}"] = Check(ok=age < LATE_S, value=age, unit="s")
        return checks


class DiskHealth:
    """The same of a process whose parts are others' to watch."""

    def __init__(self, home: Path) -> None:
        self._home = home

    async def __call__(self) -> dict[str, Check]:
        return {"disk": _disk(self._home)}


def _disk(home: Path) -> Check:
    free = shutil.disk_usage(home).free
    return Check(ok=free > LEAST_DISK, detail="" if free > LEAST_DISK else "磁盘空间不足", value=free, unit="bytes")
