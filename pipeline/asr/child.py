"""The engine's child process as seen from the parent: started, asked, watched, killed. Blocking, so in one thread."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec

from pipeline.asr.options import DecodeOptions, lanes_of
from pipeline.asr.readings import Care, EngineDown, ModelCard, Reading, Window

ROOT = Path(__file__).resolve().parents[2]  # where the packages lie


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """Parent → child: read these windows."""

    windows: list[Window]
    care: Care


class Ready(msgspec.Struct, frozen=True, tag="ready", kw_only=True):
    """Child → parent: the model is loaded and warm."""

    card: ModelCard
    cost: float  # s of computing per s of padded sound


class Done(msgspec.Struct, frozen=True, tag="done", kw_only=True):
    """Child → parent: an order is done."""

    readings: list[Reading]
    took_s: float


class Failed(msgspec.Struct, frozen=True, tag="failed", kw_only=True):
    """Child → parent: it can't go on; it ends itself."""

    error: str  # kind of error; for loading also what to do
    loading: bool = False


Answer = Ready | Done | Failed
encode = msgspec.msgpack.encode
decode_order = msgspec.msgpack.Decoder(Order).decode
decode_answer = msgspec.msgpack.Decoder(Answer).decode


class EngineDied(Exception):
    """The child is gone or does not answer; it has been killed. `reason`: crashed | hung | failed."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason} {detail}".strip())
        self.reason = reason


class Child:
    """One engine process and its lanes, a pipe each. Promise: `ask` answers in time or raises, and then it is dead.

    A lane is used by one thread at a time.
    """

    def __init__(self, module: str, model: str, options: DecodeOptions) -> None:
        pairs = [socket.socketpair() for _ in range(lanes_of(options))]
        theirs = [pair[1].fileno() for pair in pairs]
        environment = dict(os.environ)
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), environment.get("PYTHONPATH", "")]))
        environment.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # idle threads must not spin: the ear shares its cores
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, ",".join(map(str, theirs)), model, encode(options).hex()],
                pass_fds=theirs,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        finally:
            for _, end in pairs:
                end.close()
        self._pipes = [Connection(mine.detach()) for mine, _ in pairs]

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_ready(self, deadline_s: float) -> Ready:
        """Returns when the model is loaded. Raises EngineDied, or EngineDown where another try is useless."""
        answer = self._receive(0, deadline_s)
        if isinstance(answer, Failed):
            self.kill(0)
            raise EngineDown(answer.error)
        if not isinstance(answer, Ready):
            raise self._dead(0, "failed", "spoke out of turn")
        return answer

    def ask(self, windows: Sequence[Window], care: Care, deadline_s: float, lane: int = 0) -> Done:
        """Has windows read. Raises EngineDied."""
        try:
            self._pipes[lane].send_bytes(encode(Order(windows=list(windows), care=care)))
        except OSError as error:
            raise self._dead(lane, "crashed") from error
        answer = self._receive(lane, deadline_s)
        if isinstance(answer, Done) and len(answer.readings) == len(windows):
            return answer
        raise self._dead(lane, "failed", answer.error if isinstance(answer, Failed) else "answered something else")

    def _receive(self, lane: int, deadline_s: float) -> Answer:
        until = time.monotonic() + deadline_s
        try:
            while not self._pipes[lane].poll(min(1.0, max(0.0, until - time.monotonic()))):
                if time.monotonic() >= until:
                    raise self._dead(lane, "hung")
            return decode_answer(self._pipes[lane].recv_bytes())
        except (OSError, EOFError) as error:
            raise self._dead(lane, "crashed") from error
        except msgspec.DecodeError as error:
            raise self._dead(lane, "failed", "garbled answer") from error

    def _dead(self, lane: int, reason: str, detail: str = "") -> EngineDied:
        self.kill(lane)
        return EngineDied(reason, detail)

    def interrupt(self) -> None:
        """Ends the process at once; whoever waits for it in its own thread is told. Callable from any thread."""
        self._process.kill()

    def kill(self, lane: int) -> None:
        """Ends the process at once, whatever it does, and takes its exit status."""
        self._process.kill()
        self._process.wait()
        self._pipes[lane].close()  # only ever by the lane's user: a descriptor closed twice may be somebody else's

    def close(self) -> None:
        """Lets it end by itself (its pipes close), and kills it when it does not. Only when no lane is in use."""
        for pipe in self._pipes:
            pipe.close()
        try:
            self._process.wait(2.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
