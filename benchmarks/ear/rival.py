"""The rival: LocalAgreement-2 over a growing buffer, rebuilt from its paper (arXiv 2307.14743), with the same weights.

As its authors run it: every stream decodes its whole buffer again whenever a second of sound is new, with beam 5,
padded to 30 s, behind one lock; words two decodings agree on are committed, and the buffer is cut at the last finished
segment once it is longer than 15 s. Words of a Chinese text are its characters here: kinder to it than spaces.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.ear.figures import spread, worst_client
from benchmarks.ear.material import RATE, Leg
from pipeline.audio.resample import Doubler

_CHUNK_S = 1.0  # least new sound between two decodings
_TRIM_S = 15.0  # buffer longer than this is cut


class _Stream:
    """One client of the rival."""

    def __init__(self, model: Any, beam: int) -> None:
        self._model = model
        self._beam = beam
        self._buffer = np.zeros(0, np.float32)
        self._offset = 0.0  # seconds cut from the buffer's front
        self._before: list[tuple[float, str]] = []
        self._committed_until = 0.0
        self.text = ""

    def insert(self, sound: np.ndarray) -> None:
        self._buffer = np.concatenate([self._buffer, sound])

    def step(self) -> bool:
        """Decodes the buffer; says whether anything was committed."""
        segments, _ = self._model.transcribe(
            self._buffer,
            language="zh",
            beam_size=self._beam,
            word_timestamps=True,
            condition_on_previous_text=True,
            initial_prompt=self.text[-100:] or None,
        )
        words, ends = [], []
        for segment in segments:
            ends.append(segment.end + self._offset)
            for word in segment.words or []:
                words.append((word.end + self._offset, word.word))
        fresh = [pair for pair in words if pair[0] > self._committed_until + 0.05]
        agreed = []
        for one, two in zip(self._before, fresh, strict=False):
            if one[1] != two[1]:
                break
            agreed.append(two)
        self._before = fresh[len(agreed) :]
        if agreed:
            self.text += "".join(word for _, word in agreed)
            self._committed_until = agreed[-1][0]
        self._trim(ends)
        return bool(agreed)

    def _trim(self, ends: list[float]) -> None:
        if len(self._buffer) / 16_000 <= _TRIM_S:
            return
        done = [end for end in ends[:-1] if end <= self._committed_until]
        at = done[-1] if done else max(self._committed_until, self._offset + len(self._buffer) / 16_000 - _TRIM_S)
        cut = int((at - self._offset) * 16_000)
        if cut > 0:
            self._buffer, self._offset = self._buffer[cut:], self._offset + cut / 16_000


def load(folder: Path, compute: str, cores: int) -> Any:
    """The same weights in faster-whisper's own class, a thread per reading: the way it is fastest on a CPU."""
    from faster_whisper import WhisperModel

    return WhisperModel(str(folder), device="auto", compute_type=compute, cpu_threads=1, num_workers=cores)


def live(model: Any, legs: list[Leg], beam: int = 5) -> dict[str, Any]:
    """Plays all legs at once in real time, each to a client of its own; says how late text came."""
    lock, lags, waits = threading.Lock(), defaultdict(list), []

    def client(leg: Leg, wait_s: float) -> None:
        time.sleep(wait_s)
        stream, doubler = _Stream(model, beam), Doubler()
        begun, fed = time.monotonic(), 0
        while fed < len(leg.pcm):
            time.sleep(max(0.0, begun + fed / RATE + _CHUNK_S - time.monotonic()))
            have = min(len(leg.pcm), int((time.monotonic() - begun) * RATE))
            if have - fed < _CHUNK_S * RATE and have < len(leg.pcm):
                continue
            stream.insert(doubler.push(leg.pcm[fed:have]).astype(np.float32) / 32768.0)
            fed, asked = have, time.monotonic()
            with lock:
                waits.append(time.monotonic() - asked)
                committed = stream.step()
            if committed:
                now = time.monotonic() - begun
                lags[f"{leg.call}/{leg.name}"].append((now, now - stream._committed_until))

    threads = [threading.Thread(target=client, args=(leg, 0.37 * (n // 2))) for n, leg in enumerate(legs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {
        "streams": len(legs),
        "lag_s": spread([lag for points in lags.values() for _, lag in points]),
        "worst_client": worst_client(lags),
        "wait_s": spread(waits),
    }


def offline(model: Any, legs: list[Leg], beam: int = 5) -> dict[str, Any]:
    """The policy as fast as it goes, one stream after the other: a decoding per second of sound."""
    begun, characters = time.perf_counter(), 0
    for leg in legs:
        stream, doubler = _Stream(model, beam), Doubler()
        for start in range(0, len(leg.pcm), int(_CHUNK_S * RATE)):
            stream.insert(doubler.push(leg.pcm[start : start + int(_CHUNK_S * RATE)]).astype(np.float32) / 32768.0)
            stream.step()
        characters += len(stream.text)
    return {"seconds": round(time.perf_counter() - begun, 3), "characters": characters}
