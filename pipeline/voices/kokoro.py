"""Voices: Kokoro-82M through onnxruntime, Mandarin text in, 24 kHz samples out."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from pipeline.voices.errors import VoiceError
from pipeline.voices.styles import ROWS, Styles

RATE = 24_000  # Hz
MAX_SYMBOLS = 500  # the network's limit is 510 with both ends

# Written one way, said another: the pronouncing dictionary has no sound for these.
SPOKEN_AS = {
    "嗯": "恩",
    "呣": "姆",
    "欸": "诶",
    "~": "",
    "“": "",
    "”": "",
    "、": "，",
    "……": "，",
    "…": "，",
    "—": "，",
}


class Reader(Protocol):
    """Turns written Mandarin into the symbols of the voice model."""

    def symbols(self, text: str) -> str: ...


class MandarinReader:
    """The reader that the voice model was trained with (misaki)."""

    def __init__(self) -> None:
        try:
            import jieba
            from misaki import zh
        except ImportError as error:
            raise VoiceError('speaking needs the package "misaki[zh]"; install the training extra') from error
        jieba.setLogLevel(logging.ERROR)
        self._g2p = zh.ZHG2P()

    def symbols(self, text: str) -> str:
        for written, said in SPOKEN_AS.items():
            text = text.replace(written, said)
        text = text.lstrip("，。？！ ")
        symbols = str(self._g2p(text)[0]) if text else ""
        return symbols.strip()


def pieces(text: str, longest: int = 60) -> list[str]:
    """Splits a long text at its punctuation; a piece without any is cut at `longest` characters."""
    out: list[str] = []
    for part in re.findall(r"[^。？！?!，,；;]+[。？！?!，,；;]*", text):
        while len(part) > longest:
            out.append(part[:longest])
            part = part[longest:]
        if out and len(out[-1]) + len(part) <= longest:
            out[-1] += part
        elif part:
            out.append(part)
    return out


def trimmed(samples: np.ndarray, margin: float = 0.04, floor: float = 0.008) -> np.ndarray:
    """Cuts the silence before and after the speech, keeping `margin` seconds."""
    loud = np.flatnonzero(np.abs(samples) > floor)
    if loud.size == 0:
        return samples[:0]
    pad = int(margin * RATE)
    return samples[max(0, int(loud[0]) - pad) : int(loud[-1]) + pad]


class Kokoro:
    """Speaks any text in any style. One instance belongs to one thread."""

    def __init__(self, folder: Path, threads: int = 1, reader: Reader | None = None) -> None:
        import onnxruntime

        model = folder / "model.onnx"
        if not model.is_file():
            raise VoiceError(f"no voice model in {folder.name}; fetch it with: hotline models fetch kokoro-82m")
        self._symbols: dict[str, int] = json.loads((folder / "vocab.json").read_text("utf-8"))["vocab"]
        self.styles = Styles(folder / "voices")
        self._reader = reader or MandarinReader()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self._session: Any = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])

    def ids(self, text: str) -> list[int]:
        return [self._symbols[symbol] for symbol in self._reader.symbols(text) if symbol in self._symbols]

    def speak(self, text: str, style: np.ndarray, speed: float = 1.0) -> np.ndarray:
        """Samples in [-1, 1] at 24 kHz, silence trimmed off both ends."""
        parts = [self._piece(piece, style, speed) for piece in pieces(text)]
        parts = [part for part in parts if part.size]
        if not parts:
            raise VoiceError(f"nothing to say in {text!r}")
        return np.concatenate(parts)

    def _piece(self, text: str, style: np.ndarray, speed: float) -> np.ndarray:
        ids = self.ids(text)
        if not ids:
            return np.zeros(0, np.float32)
        if len(ids) > MAX_SYMBOLS:
            raise VoiceError(f"{len(ids)} symbols in {text!r}, at most {MAX_SYMBOLS}")
        row = style[min(len(ids), ROWS) - 1].reshape(1, -1).astype(np.float32)
        feed = {
            "tokens": np.array([[0, *ids, 0]], np.int64),
            "style": row,
            "speed": np.array([speed], np.float32),
        }
        return trimmed(np.asarray(self._session.run(None, feed)[0], np.float32).ravel())
