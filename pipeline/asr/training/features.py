"""The ear's school: the same log-mel windows that the live ear computes, on true lengths."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import soxr

from pipeline.asr.training.telephone import RATE

EAR_RATE = 16_000  # Hz
TRAP_FRAMES = 160  # an encoded batch of this length is taken for features by CTranslate2 (80 mels)


@lru_cache(maxsize=1)
def _extractor() -> Any:
    from faster_whisper.feature_extractor import FeatureExtractor

    return FeatureExtractor(feature_size=80)


def log_mel(samples: np.ndarray, seconds: float | None = None) -> np.ndarray:
    """[80, frames] of 8 kHz samples, 100 frames a second, padded with silence up to `seconds`."""
    count = len(samples) if seconds is None else max(len(samples), int(seconds * RATE))
    if count // 80 in (TRAP_FRAMES, TRAP_FRAMES + 1):
        count = (TRAP_FRAMES + 2) * 80
    wide = soxr.resample(np.pad(samples, (0, count - len(samples))).astype(np.float32), RATE, EAR_RATE)
    mel = np.asarray(_extractor()(wide.astype(np.float32), padding=160), np.float32)
    return mel[:, : min(mel.shape[1] // 2 * 2, 3000)]
