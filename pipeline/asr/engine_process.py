"""The engine's child process: loads the model, reads what it is given, and ends with its parent."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from pipeline.asr.child import Answer, Done, Failed, Ready, decode_order, encode
from pipeline.asr.options import DecodeOptions
from pipeline.asr.padding import padded_frames
from pipeline.asr.readings import RATE, Window

if TYPE_CHECKING:  # imported late elsewhere: what fails there is told to the parent
    from pipeline.asr.decoder import Decoder

_WATCH_S = 1.0  # how often the parent is looked for
_WARM_S = 4.0  # length of the warm-up window


def _end_with(parent: int) -> None:
    """A hung device call can't see its pipe close: this thread ends the process when the parent is gone."""
    while os.getppid() == parent:
        time.sleep(_WATCH_S)
    os._exit(1)


def _load(model: str, options: DecodeOptions) -> tuple[Decoder, Ready]:
    from pipeline.asr.decoder import Decoder

    decoder = Decoder(Path(model), options)
    noise = np.random.default_rng(0).normal(0, 300, int(_WARM_S * RATE)).astype("<i2").tobytes()
    window = Window(stream="", start=0, end=len(noise) // 2, pcm=noise, final=False)
    decoder.read([window])
    begun = time.perf_counter()
    decoder.read([window])
    padded_s = padded_frames(window.samples, decoder.card.short_windows) / 100
    return decoder, Ready(card=decoder.card, cost=(time.perf_counter() - begun) / padded_s)


def serve(pipes: Sequence[Connection], model: str, options: DecodeOptions) -> None:
    """Answers orders, each lane by a thread of its own, until the pipes close."""
    try:
        decoder, ready = _load(model, options)
    except Exception as error:  # entry point of a process: the parent must hear why
        says = f"the speech model {model} can't be loaded: {type(error).__name__}: {error}"
        pipes[0].send_bytes(encode(Failed(error=says, loading=True)))
        return
    pipes[0].send_bytes(encode(ready))
    others = [threading.Thread(target=_answer, args=(pipe, decoder), daemon=True) for pipe in pipes[1:]]
    for thread in others:
        thread.start()
    _answer(pipes[0], decoder)


def _answer(pipe: Connection, decoder: Decoder) -> None:
    def answer(message: Answer) -> None:
        pipe.send_bytes(encode(message))

    while True:
        try:
            order = decode_order(pipe.recv_bytes())
        except EOFError:
            return
        begun = time.perf_counter()
        try:
            readings = decoder.read(order.windows, order.care)
        except Exception as error:  # a device in an unknown state: better a new process
            answer(Failed(error=type(error).__name__))
            os._exit(1)
        answer(Done(readings=readings, took_s=time.perf_counter() - begun))


def main(arguments: list[str]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer; it drains first
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    descriptors, model, options = arguments
    pipes = [Connection(int(descriptor)) for descriptor in descriptors.split(",")]
    serve(pipes, model, msgspec.msgpack.decode(bytes.fromhex(options), type=DecodeOptions))


if __name__ == "__main__":
    main(sys.argv[1:])
