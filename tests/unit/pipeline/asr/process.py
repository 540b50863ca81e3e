"""A stand-in for the engine's process, run by the tests of its watch: obeys orders hidden in the first sample."""

from __future__ import annotations

import os
import sys
import threading
import time
from multiprocessing.connection import Connection
from pathlib import Path

from pipeline.asr.child import Done, Failed, Ready, decode_order, encode
from pipeline.asr.readings import ModelCard, Reading, Window

READ, CRASH, HANG, FAIL, CRASH_ONCE, GARBLE, HOLD = range(1, 8)  # HOLD: reads when the gate file is gone


def behave(window: Window, folder: Path) -> Reading:
    order = int.from_bytes(window.pcm[:2], "little")
    if order == CRASH:
        os._exit(3)
    if order == HANG:
        time.sleep(600)
    if order == FAIL:
        raise MemoryError
    if order == CRASH_ONCE and not (folder / "crashed").exists():
        (folder / "crashed").touch()
        os._exit(3)
    while order == HOLD and (folder / "gate").exists():
        time.sleep(0.005)
    return Reading(text=f"{window.stream}:{window.start}-{window.end}", logprob=-0.1, no_speech=0.0)


def serve(pipe: Connection, model: Path) -> None:
    while True:
        try:
            order = decode_order(pipe.recv_bytes())
        except EOFError:
            return
        with (model / "batches").open("a") as file:
            file.write(f"{len(order.windows)} {order.care} {' '.join(w.stream for w in order.windows)}\n")
        if any(int.from_bytes(w.pcm[:2], "little") == GARBLE for w in order.windows):
            pipe.send_bytes(b"\xc1")
            continue
        try:
            readings = [behave(window, model) for window in order.windows]
        except MemoryError:
            pipe.send_bytes(encode(Failed(error="MemoryError")))
            os._exit(1)
        pipe.send_bytes(encode(Done(readings=readings, took_s=0.001)))


def main() -> None:
    pipes, model = [Connection(int(part)) for part in sys.argv[1].split(",")], Path(sys.argv[2])
    if not model.is_dir():
        pipes[0].send_bytes(encode(Failed(error=f"no model in {model.name}", loading=True)))
        return
    if (model / "dead").exists():
        return
    lanes = len(pipes) if (model / "lanes").exists() else 1
    pipes[0].send_bytes(encode(Ready(card=ModelCard(name="fake@1", short_windows=True, lanes=lanes), cost=0.001)))
    for pipe in pipes[1:]:
        threading.Thread(target=serve, args=(pipe, model), daemon=True).start()
    serve(pipes[0], model)


if __name__ == "__main__":
    main()
