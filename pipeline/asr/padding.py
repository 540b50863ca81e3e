"""How long a window becomes before the model reads it."""

from __future__ import annotations

import math

from pipeline.asr.mel import HOP, MOST_FRAMES

# (up to this many frames, in steps of so many): few lengths, so that windows find company of their own for a batch
STEPS = ((500, 50), (MOST_FRAMES, 100))
LEAST_FRAMES = 200  # well past 2 × bands, where CTranslate2 mistakes encoded sound for features


def padded_frames(samples: int, short_windows: bool) -> int:
    """Mel frames a window of 16 kHz samples is read in."""
    if not short_windows:
        return MOST_FRAMES
    needed = max(samples // HOP + 1, LEAST_FRAMES)
    step = next((step for most, step in STEPS if needed <= most), 1)
    return min(math.ceil(needed / step) * step, MOST_FRAMES)
