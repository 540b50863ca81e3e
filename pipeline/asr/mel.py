"""Log-mel spectrogram, what Whisper sees: the same numbers as faster-whisper's extractor, for windows of any length."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

Mel = npt.NDArray[np.float32]

RATE = 16_000  # Hz
HOP = 160  # samples per mel frame
MOST_FRAMES = 3000  # what the encoder has positions for
_FFT = 400  # samples


@lru_cache(maxsize=4)
def _filters(bands: int) -> Mel:
    from faster_whisper.feature_extractor import FeatureExtractor

    return np.asarray(FeatureExtractor(feature_size=bands).mel_filters, dtype=np.float32)


@lru_cache(maxsize=1)
def _window() -> Mel:
    return np.asarray(np.hanning(_FFT + 1)[:-1], dtype=np.float32)


def log_mel(pcm: npt.NDArray[np.int16], frames: int, bands: int) -> Mel:
    """[bands, frames] of 16 kHz samples, silence after their end; clamped at 8 decades under the window's maximum."""
    wanted = (frames - 1) * HOP + _FFT
    wave = np.zeros(wanted, np.float32)
    body = pcm[: wanted - _FFT // 2].astype(np.float32) / 32768.0
    wave[_FFT // 2 : _FFT // 2 + len(body)] = body
    if len(body) > _FFT // 2:
        wave[: _FFT // 2] = body[_FFT // 2 : 0 : -1]  # the edge is mirrored, as in training
    pieces = np.lib.stride_tricks.sliding_window_view(wave, _FFT)[::HOP]
    power = np.abs(np.fft.rfft(pieces * _window(), axis=1).astype(np.complex64)) ** 2
    mel = _filters(bands) @ power.T
    log = np.log10(np.maximum(mel, 1e-10))
    return np.ascontiguousarray((np.maximum(log, log.max() - 8.0) + 4.0) / 4.0, dtype=np.float32)
