"""Stereo split at the door: interleaved bytes of one message → bytes per channel."""

from __future__ import annotations


def split(data: bytes, channels: int, width: int) -> list[bytes]:
    """`data` holds whole sample groups of `channels` samples, `width` bytes each."""
    if channels == 1:
        return [data]
    if width == 1:
        return [data[n::channels] for n in range(channels)]
    samples = memoryview(data).cast("H")  # two bytes moved as one, whatever their order
    return [samples[n::channels].tobytes() for n in range(channels)]
