"""Voices: which speakers there are. A style is a table; blending the tables of two speakers gives a third."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np

from pipeline.voices.errors import VoiceError

ROWS, WIDTH = 510, 256  # a style has one row per number of symbols spoken

MANDARIN = (
    "zf_xiaobei", "zf_xiaoni", "zf_xiaoxiao", "zf_xiaoyi",
    "zm_yunjian", "zm_yunxi", "zm_yunxia", "zm_yunyang",
)  # fmt: skip
# Never trained on, alone or in a blend: the ear is measured on them.
HELD_OUT = ("zf_xiaoyi", "zm_yunyang")
TRAINED = tuple(name for name in MANDARIN if name not in HELD_OUT)


class Blend(msgspec.Struct, frozen=True):
    """A speaker made of one or more named voices; the weights add up to one."""

    parts: tuple[tuple[str, float], ...]  # voice name, weight

    @property
    def label(self) -> str:
        return "+".join(f"{name}*{weight:.2f}" if weight < 1 else name for name, weight in self.parts)


class Styles:
    """The style tables of a voices folder, read once each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._tables: dict[str, np.ndarray] = {}

    def names(self) -> list[str]:
        return sorted(path.stem for path in self._folder.glob("*.bin"))

    def table(self, name: str) -> np.ndarray:
        if name not in self._tables:
            path = self._folder / f"{name}.bin"
            if not path.is_file():
                raise VoiceError(
                    f"voice {name!r}: no file {path.name} in the voices folder; known: {', '.join(self.names())}"
                )
            table = np.fromfile(path, dtype="<f4")
            if table.size != ROWS * WIDTH:
                raise VoiceError(f"voice {name!r}: {table.size} numbers, expected {ROWS * WIDTH}")
            self._tables[name] = table.reshape(ROWS, WIDTH)
        return self._tables[name]

    def blend(self, speaker: Blend) -> np.ndarray:
        total = sum(weight for _, weight in speaker.parts)
        if not speaker.parts or abs(total - 1.0) > 1e-3:
            raise VoiceError(f"speaker {speaker.label!r}: weights add up to {total:.3f}, expected 1")
        return sum((weight * self.table(name) for name, weight in speaker.parts), np.zeros((ROWS, WIDTH), np.float32))


def draw_speaker(rng: np.random.Generator, others: list[str], trained: tuple[str, ...] = TRAINED) -> Blend:
    """A speaker for training: half plain Mandarin voices, a fifth blends of two, the rest coloured by `others`."""
    first = str(rng.choice(trained))
    draw = rng.random()
    if draw < 0.45:
        return Blend(((first, 1.0),))
    if draw < 0.65 or not others:
        second = str(rng.choice([name for name in trained if name != first]))
        weight = round(float(rng.uniform(0.3, 0.7)), 2)
    else:
        second = str(rng.choice(others))
        weight = round(float(rng.uniform(0.45, 0.8)), 2)
    return Blend(((first, weight), (second, round(1.0 - weight, 2))))
