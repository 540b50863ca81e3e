"""How long a window becomes before the model reads it."""

from __future__ import annotations

import math

from pipeline.asr.mel import HOP, MOST_FRAMES

STEP_FRAMES = 50  # windows are padded up to multiples of this, so that equals share a batch
LEAST_FRAMES = 200  # well past 2 × bands, where CTranslate2 mistakes encoded sound for features


def padded_frames(samples: int, short_windows: bool) -> int:
    """Mel frames a window of 16 kHz samples is read in."""
    if not short_windows:
        return MOST_FRAMES
    frames = math.ceil((samples // HOP + 1) / STEP_FRAMES) * STEP_FRAMES
    return min(max(frames, LEAST_FRAMES), MOST_FRAMES)
