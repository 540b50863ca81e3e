"""Does a leg sound like what its start message says? Wrong law or swapped bytes are noise to the ear but plain here."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.audio.g711 import decode
from schemas.audio import Codec, Frame

WINDOWS = 30  # records of 100 ms with sound in them that are listened to
MARGIN = 0.05  # by how much smoother the other reading must be; on real speech it is 0.1 to 0.35, noise gives 0
LIVELY = 24  # distinct byte values below which a record is silence or a tone

READS_LIKE = {"PCMA": "µ-law (PCMU)", "PCMU": "A-law (PCMA)", "L16": "byte-swapped L16"}


class CodecDoubt:
    """Listens to a leg's first seconds of sound, once. Speech is smooth: each sample is close to the one before.

    Read by the wrong law, or with its bytes swapped, it is not; then the other reading is the smoother one.
    """

    def __init__(self, codec: Codec) -> None:
        self._codec = codec
        self._heard = 0
        self._sum = 0.0  # of (smoothness of the other reading − of the declared one)

    def hears(self, frame: Frame) -> bool:
        """Another record came. True exactly once, when the leg is found to sound like another codec."""
        if self._heard >= WINDOWS or len(frame.data) < 400 or len(set(frame.data)) < LIVELY:
            return False
        self._heard += 1
        self._sum += _smoothness(self._other(frame.data)) - _smoothness(decode(self._codec, frame.data))
        return self._heard == WINDOWS and self._sum / WINDOWS > MARGIN

    def _other(self, data: bytes) -> npt.NDArray[np.int16]:
        if self._codec == "L16":
            return np.frombuffer(data, ">i2").astype(np.int16)
        return decode("PCMU" if self._codec == "PCMA" else "PCMA", data)


def _smoothness(pcm: npt.NDArray[np.int16]) -> float:
    """Correlation of each sample with the next, −1 to 1."""
    wave = pcm.astype(np.float64)
    wave -= wave.mean()
    energy = float(wave @ wave)
    return float(wave[1:] @ wave[:-1]) / energy if energy else 0.0
