"""A recording as the messages a switch sends: 20 ms each, encoded, channels interleaved, read as it goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.audio.g711 import encode
from pipeline.audio.recording import blocks, inspect
from schemas.audio import Codec

MESSAGE_S = 0.02  # seconds of audio per message
BLOCK_S = 10.0  # seconds read at once: memory stays small however long the recording


def messages(path: Path, codec: Codec, rate: int, message_s: float = MESSAGE_S) -> Iterator[bytes]:
    """Raises BadRecording."""
    recording = inspect(path)
    per_message = int(rate * message_s) * recording.channels  # samples
    held = np.zeros(0, np.int16)
    for piece in _at_rate(path, rate):
        held = np.concatenate([held, piece.reshape(-1)])
        whole = len(held) // per_message * per_message
        data = encode(codec, held[:whole])
        size = len(data) * per_message // max(whole, 1)  # bytes of a message
        yield from (data[start : start + size] for start in range(0, len(data), size or 1))
        held = held[whole:]
    if len(held):
        yield encode(codec, held)


def _at_rate(path: Path, rate: int) -> Iterator[npt.NDArray[np.int16]]:
    """(samples, channels) at the wanted rate."""
    recording = inspect(path)
    pieces = (np.stack(piece, axis=1) for piece in blocks(recording, BLOCK_S))
    if recording.rate == rate:
        yield from pieces
        return
    import soxr

    stream = soxr.ResampleStream(recording.rate, rate, recording.channels, dtype="int16", quality="HQ")
    for piece in pieces:
        yield stream.resample_chunk(piece).reshape(-1, recording.channels)
    empty = np.zeros((0, recording.channels), np.int16)
    yield stream.resample_chunk(empty, last=True).reshape(-1, recording.channels)
