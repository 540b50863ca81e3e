"""Recordings on disk, for the command line: WAV or FLAC, one or two channels, any rate, linear or G.711."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np

from pipeline.audio.g711 import Pcm

MAX_CHANNELS = 2


class BadRecording(ValueError):
    """A file that is no recording of ours; says which and why."""


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """What a file holds, before it is read."""

    path: Path
    rate: int  # Hz
    channels: int
    frames: int  # samples per channel

    @property
    def seconds(self) -> float:
        return self.frames / self.rate


def inspect(path: Path) -> Recording:
    """Reads a file's head. Raises BadRecording."""
    import soundfile

    if not path.is_file():
        raise BadRecording(f"{path}: no such file")
    try:
        info = soundfile.info(str(path))
    except (soundfile.LibsndfileError, RuntimeError) as error:
        raise BadRecording(f"{path}: no audio file we can read (WAV or FLAC expected)") from error
    if info.channels > MAX_CHANNELS:
        raise BadRecording(f"{path}: {info.channels} channels; a call has one (mixed) or two (caller, agent)")
    return Recording(path=path, rate=info.samplerate, channels=info.channels, frames=info.frames)


def blocks(recording: Recording, seconds: float = 10.0) -> Iterator[list[Pcm]]:
    """The recording piece by piece: one array per channel, each time. Raises BadRecording on damage."""
    import soundfile

    size = max(1, int(seconds * recording.rate))
    try:
        with soundfile.SoundFile(str(recording.path)) as file:
            while len(piece := file.read(size, dtype="int16", always_2d=True)):
                yield [np.ascontiguousarray(piece[:, n]) for n in range(recording.channels)]
    except (soundfile.LibsndfileError, RuntimeError) as error:
        raise BadRecording(f"{recording.path}: damaged: {error}") from error


def read(path: Path) -> tuple[int, list[Pcm]]:
    """A whole file: its rate and one array per channel. Raises BadRecording."""
    recording = inspect(path)
    pieces = list(blocks(recording, 60.0))
    if not pieces:
        return recording.rate, [np.zeros(0, np.int16) for _ in range(recording.channels)]
    return recording.rate, [np.concatenate([piece[n] for piece in pieces]) for n in range(recording.channels)]
