"""Voice activity, first judge of a leg's sound: the Silero model that ships in faster-whisper, frame by frame."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

FRAME = 512  # samples at 16 kHz: 32 ms
_CONTEXT = 64  # samples of the frame before that the model sees again
_STATE = 128  # width of its recurrent state

Probabilities = npt.NDArray[np.float32]


@lru_cache(maxsize=1)
def silero() -> Any:
    """The model's session; it holds no state of any stream, so all share it."""
    import faster_whisper
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # a frame is too small to share out
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    path = Path(faster_whisper.__file__).parent / "assets" / "silero_vad_v6.onnx"
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


class VoiceActivity:
    """Probability of speech per frame of one stream. Promise: frames in pieces give what one whole run gives."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forgets all that was heard."""
        self._h = np.zeros((1, 1, _STATE), np.float32)
        self._c = np.zeros((1, 1, _STATE), np.float32)
        self._context = np.zeros(_CONTEXT, np.float32)

    def push(self, frames: npt.NDArray[np.int16]) -> Probabilities:
        """Samples at 16 kHz, a whole number of frames → one probability per frame."""
        if len(frames) % FRAME:
            raise ValueError(f"{len(frames)} samples are no whole number of frames of {FRAME}")
        if not len(frames):
            return np.zeros(0, np.float32)
        wave = np.concatenate([self._context, frames.astype(np.float32) / 32768.0])
        rows = np.lib.stride_tricks.sliding_window_view(wave, _CONTEXT + FRAME)[::FRAME]
        out, self._h, self._c = silero().run(None, {"input": np.ascontiguousarray(rows), "h": self._h, "c": self._c})
        self._context = wave[-_CONTEXT:]
        return np.asarray(out, np.float32).reshape(-1)

    def snapshot(self) -> bytes:
        """State, for `restore`."""
        return self._h.tobytes() + self._c.tobytes() + self._context.tobytes()

    def restore(self, state: bytes) -> None:
        """Goes on where `snapshot` was taken."""
        flat = np.frombuffer(state, np.float32)
        self._h = flat[:_STATE].reshape(1, 1, _STATE).copy()
        self._c = flat[_STATE : 2 * _STATE].reshape(1, 1, _STATE).copy()
        self._context = flat[2 * _STATE :].copy()
