"""What the ear's benchmarks listen to: legs of two-party calls, from recordings."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np

from pipeline.audio.g711 import Pcm
from pipeline.audio.recording import inspect, read
from pipeline.audio.resample import resample

RATE = 8000  # Hz
_ROOT = Path(__file__).resolve().parents[2]


class Leg(msgspec.Struct, frozen=True):
    """One side of one call."""

    call: str
    name: str  # caller | agent
    pcm: Pcm

    @property
    def seconds(self) -> float:
        return len(self.pcm) / RATE


def recordings(paths: list[Path]) -> list[list[Pcm]]:
    """The channels of each recording at 8 kHz; of the sample calls when none are named."""
    chosen = paths or sorted((_ROOT / "pipeline" / "samples" / "calls").glob("*.wav"))
    if not chosen:
        raise ValueError("no recordings: name some, or run `hotline samples` first")
    found = []
    for path in chosen:
        rate, channels = read(path)
        found.append([resample(channel, rate, RATE) for channel in channels])
    return found


def seconds_of(paths: list[Path]) -> float:
    """Sound in some recordings, all channels together."""
    return sum(found.seconds * found.channels for found in map(inspect, paths))


def calls(paths: list[Path], count: int, seconds: float) -> list[Leg]:
    """The legs of `count` calls of `seconds` each; when recordings run out, they serve again from other points."""
    sources = recordings(paths)
    legs = []
    for n in range(count):
        channels = sources[n % len(sources)]
        turn = int(7.3 * RATE) * (n // len(sources)) + int(3.1 * RATE)
        for name, pcm in zip(("caller", "agent"), channels, strict=False):
            piece = np.tile(np.roll(pcm, -turn), 1 + int(seconds * RATE) // max(1, len(pcm)))[: int(seconds * RATE)]
            legs.append(Leg(f"call-{n}", name, piece))
    return legs
