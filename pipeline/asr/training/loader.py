"""The ear's school: prepares batches in a process of its own, so that the trainer never waits for sound."""

from __future__ import annotations

import multiprocessing
import os
import queue
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.asr.training.dataset import Batch, Windows, batches

AHEAD = 12  # batches


class Loader:
    """A running preparer. Use as a context; leaving it ends the process."""

    def __init__(self, folders: list[Path], seed: int, seconds: float) -> None:
        context = multiprocessing.get_context("spawn")
        self._queue: Any = context.Queue(AHEAD)
        self._process = context.Process(target=_prepare, args=(folders, seed, seconds, self._queue), daemon=True)

    def __enter__(self) -> Loader:
        self._process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.join(5)

    def next(self) -> Batch:
        while True:
            try:
                return self._queue.get(timeout=5)
            except queue.Empty:
                if not self._process.is_alive():
                    raise RuntimeError(f"the preparing process ended with exit code {self._process.exitcode}") from None


def _prepare(folders: list[Path], seed: int, seconds: float, out: Any) -> None:
    os.environ["OMP_NUM_THREADS"] = "1"
    rng = np.random.default_rng(seed)
    for batch in batches(Windows(folders, rng), rng, seconds):
        out.put(batch)
