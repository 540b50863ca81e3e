"""Sample rates between telephone (8 kHz) and ear (16 kHz): a stateful doubler, and whole recordings of any rate."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pipeline.audio.g711 import Pcm

EAR_RATE = 16_000  # Hz: what voice activity and model listen to
_HALF = 24  # samples on each side of a new sample that shape it: 3 ms at 8 kHz
_SCALE = 15  # bits of the taps' fixed point


def _taps() -> npt.NDArray[np.int64]:
    """Half-band filter, its odd phase: the weights of 2 * _HALF neighbours for the sample between the middle two."""
    at = np.arange(-_HALF, _HALF) + 0.5
    taps = np.sinc(at) * np.kaiser(4 * _HALF - 1, 7.0)[::2]
    fixed = np.round(taps / taps.sum() * (1 << _SCALE)).astype(np.int64)
    fixed[_HALF - 1] += ((1 << _SCALE) - fixed.sum()) // 2
    fixed[_HALF] += (1 << _SCALE) - fixed.sum()
    return fixed


_TAPS = _taps()


class Doubler:
    """8 → 16 kHz whose filter state crosses chunks: any cut of the input gives the same output, to the bit.

    Output sample 2n is input sample n, so positions convert by doubling. Output lags the input by 24 samples (3 ms)
    until `flush`.
    """

    def __init__(self) -> None:
        self._held: Pcm = np.zeros(_HALF - 1, np.int16)  # past needed by the next output, and input not yet answered

    def push(self, pcm: Pcm) -> Pcm:
        """Samples at 8 kHz → the samples at 16 kHz that can be told by now."""
        held = np.concatenate([self._held, pcm])
        ready = len(held) - 2 * _HALF + 1  # input samples whose right neighbours are all here
        if ready <= 0:
            self._held = held
            return np.zeros(0, np.int16)
        between = np.convolve(held.astype(np.int64), _TAPS[::-1], "valid")[:ready]
        out = np.empty(2 * ready, np.int16)
        out[0::2] = held[_HALF - 1 : _HALF - 1 + ready]
        out[1::2] = np.clip((between + (1 << (_SCALE - 1))) >> _SCALE, -32768, 32767)
        self._held = held[ready:]
        return out

    def flush(self) -> Pcm:
        """The rest, as if silence followed; the doubler is as new afterwards."""
        out = self.push(np.zeros(_HALF, np.int16))
        self._held = np.zeros(_HALF - 1, np.int16)
        return out

    def snapshot(self) -> bytes:
        """State, for `restored`."""
        return self._held.astype("<i2").tobytes()

    @classmethod
    def restored(cls, state: bytes) -> Doubler:
        """A doubler that goes on where `snapshot` was taken."""
        doubler = cls()
        doubler._held = np.frombuffer(state, "<i2").astype(np.int16)
        return doubler


class Through:
    """The doubler's twin for legs that arrive at 16 kHz: hands everything on."""

    def push(self, pcm: Pcm) -> Pcm:
        return pcm

    def flush(self) -> Pcm:
        return np.zeros(0, np.int16)

    def snapshot(self) -> bytes:
        return b""


def to_ear(rate: int, state: bytes = b"") -> Doubler | Through:
    """The stateful way from a leg's rate to the ear's. Raises ValueError on a rate no leg may have."""
    if rate == 8_000:
        return Doubler.restored(state) if state else Doubler()
    if rate == EAR_RATE:
        return Through()
    raise ValueError(f"a leg can't have {rate} Hz: expected 8000 or 16000")


class Converter:
    """Any rate to any other, piece by piece, for recordings read from disk."""

    def __init__(self, rate: int, wanted: int) -> None:
        import soxr

        self._stream = soxr.ResampleStream(rate, wanted, 1, dtype="int16", quality="HQ")

    def push(self, pcm: Pcm) -> Pcm:
        """Samples in; those that can be told by now come out."""
        return np.asarray(self._stream.resample_chunk(pcm), dtype=np.int16)

    def flush(self) -> Pcm:
        """The rest."""
        return np.asarray(self._stream.resample_chunk(np.zeros(0, np.int16), last=True), dtype=np.int16)


def resample(pcm: Pcm, rate: int, wanted: int) -> Pcm:
    """A whole recording from any rate to any rate."""
    if rate == wanted:
        return pcm
    if (rate, wanted) == (8_000, 16_000):
        doubler = Doubler()
        return np.concatenate([doubler.push(pcm), doubler.flush()])
    import soxr

    return np.asarray(soxr.resample(pcm, rate, wanted, "HQ"), dtype=np.int16)
