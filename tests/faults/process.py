"""One process of the house, as the fault tests treat it: killed, paused, told to stop, started again."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READY_S = 120.0  # bound of a wait by condition


class Process:
    """Its output is kept, a file per life."""

    def __init__(self, name: str, command: Sequence[str], env: Mapping[str, str], folder: Path) -> None:
        self.name = name
        self.lives = 0
        self._command, self._env, self._folder = list(command), dict(env), folder
        self._process: subprocess.Popen[bytes] | None = None
        self._paused = False

    def start(self, **env: str) -> None:
        """A new life; `env` is of this life only. Returns before it is ready."""
        assert not self.is_alive
        self.lives += 1
        self._paused = False
        with self.output.open("wb") as output:
            self._process = subprocess.Popen(
                self._command,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **self._env, **env},
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd=ROOT,
            )

    @property
    def output(self) -> Path:
        return self._folder / f"{self.name}.{self.lives}.out"

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def is_paused(self) -> bool:
        return self.is_alive and self._paused

    @property
    def ended_by(self) -> int | None:
        """Exit code; negative = the signal's number; None while it lives."""
        return self._process.poll() if self._process is not None else None

    def kill(self) -> None:
        if self._process is not None and self.is_alive:
            self._process.kill()
            self._process.wait(30)

    def tell(self, number: signal.Signals) -> None:
        if self._process is not None and self.is_alive:
            os.kill(self._process.pid, number)

    def pause(self) -> None:
        self._paused = True
        self.tell(signal.SIGSTOP)

    def resume(self) -> None:
        self._paused = False
        self.tell(signal.SIGCONT)

    def stop(self, deadline_s: float = 60.0) -> int:
        """SIGTERM; returns the exit code. Raises TimeoutExpired when it does not end."""
        self.tell(signal.SIGTERM)
        return self.ended(deadline_s)

    def ended(self, deadline_s: float = 60.0) -> int:
        """Waits for its end; returns the exit code. Raises TimeoutExpired."""
        assert self._process is not None
        return self._process.wait(deadline_s)

    def await_until(self, ready: Callable[[Process], bool]) -> None:
        """Returns when it is ready. Raises RuntimeError with the end of its output."""
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline and self.is_alive:
            if ready(self):
                return
            time.sleep(0.05)
        raise RuntimeError(f"{self.name} (code {self.ended_by}) is not ready; it said:\n{self.said()}")

    def said(self, most: int = 2000) -> str:
        """The end of its output, of this life."""
        return self.output.read_text("utf-8", "replace")[-most:] if self.lives else ""
