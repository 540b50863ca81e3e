"""The ear's school, fourth step: windows with their texts, drawn without end from the clips that exist by now."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np

from pipeline.asr.training.features import log_mel
from pipeline.asr.training.nonspeech import draw_background, draw_nonspeech
from pipeline.asr.training.synth import Clip, read_manifest
from pipeline.asr.training.telephone import FRAME, RATE, on_the_line

SILENT_SHARE = 0.045  # windows without speech, whose text is empty
JOINED_SHARE = 0.33  # windows of two clips, of one speaker or of two
PROMPTED_SHARE = 0.12  # batches that carry words of context before the start token
LONGEST = 11.0  # s, before the line slows it down
MARKS = "，。？！"
PAUSE_FRAMES = 6  # of 20 ms: what counts as a pause between phrases
SPLICED_SHARE = 0.42  # windows put together anew from phrases of several clips


class Window(msgspec.Struct):
    samples: np.ndarray  # 8 kHz
    text: str


class Batch(msgspec.Struct):
    mels: np.ndarray  # [n, 80, frames]
    texts: list[str]
    prompt: str  # context of every row; empty = none


class Windows:
    """Draws windows from folders of clips. New clips are noticed at `refresh`."""

    def __init__(self, folders: list[Path], rng: np.random.Generator) -> None:
        self._folders, self._rng = folders, rng
        self._cache: dict[Path, np.ndarray] = {}
        self._order: list[tuple[Path, Clip]] = []
        self.clips: list[tuple[Path, Clip]] = []
        self.refresh()

    def refresh(self) -> None:
        self.clips = [(folder, clip) for folder in self._folders for clip in read_manifest(folder)]
        if not self.clips:
            names = ", ".join(folder.name for folder in self._folders)
            raise ValueError(f"no clips in {names}: speak some first with: hotline speech synth")

    def draw(self) -> Window:
        rng = self._rng
        if rng.random() < SILENT_SHARE:
            return Window(draw_nonspeech(float(rng.uniform(0.5, 8)), rng), "")
        samples, text = self._spliced() if rng.random() < SPLICED_SHARE else self._next()
        if rng.random() < JOINED_SHARE:
            more, said = self._next()
            gap = np.zeros(int(rng.uniform(0.1, 0.9) * RATE), np.float32)
            if len(samples) + len(gap) + len(more) < LONGEST * RATE:
                samples, text = np.concatenate([samples, gap, more]), joined(text, said)
        others = [self._samples(*self.clips[int(rng.integers(len(self.clips)))]) for _ in range(3)]
        return Window(on_the_line(samples, rng, draw_background(len(samples), rng, others)), text)

    def _spliced(self) -> tuple[np.ndarray, str]:
        """Phrases in no order: every length from half a second on, and nothing to guess from."""
        rng = self._rng
        parts: list[np.ndarray] = []
        said: list[str] = []
        wanted = float(rng.uniform(0.5, 7)) * RATE
        while sum(map(len, parts)) < wanted and len(said) < 8:
            folder, clip = self.clips[int(rng.integers(len(self.clips)))]
            found = phrases(self._samples(folder, clip), clip.text)
            sound, text = found[int(rng.integers(len(found)))]
            parts += [sound, np.zeros(int(rng.uniform(0.02, 0.45) * RATE), np.float32)]
            said.append(text.rstrip(MARKS))
        return np.concatenate(parts[:-1]), "，".join(said) + str(rng.choice(["。", "。", ""]))

    def _next(self) -> tuple[np.ndarray, str]:
        if not self._order:
            self.refresh()
            self._order = [self.clips[int(index)] for index in self._rng.permutation(len(self.clips))]
        folder, clip = self._order.pop()
        return self._samples(folder, clip), clip.text

    def _samples(self, folder: Path, clip: Clip) -> np.ndarray:
        import soundfile

        path = folder / clip.file
        if path not in self._cache:
            self._cache[path] = soundfile.read(path, dtype="float32")[0]
        return self._cache[path]


def phrases(samples: np.ndarray, text: str) -> list[tuple[np.ndarray, str]]:
    """The phrases between the marks of a text with their sounds; one phrase where pauses and marks do not agree."""
    words = [part for part in re.split(f"[{MARKS}]+", text) if part]
    frames = len(samples) // FRAME
    if len(words) < 2 or frames < 10:
        return [(samples, text)]
    loud = np.sqrt(np.mean(samples[: frames * FRAME].reshape(frames, FRAME) ** 2, axis=1))
    quiet = np.concatenate([[0], (loud < 0.02 * float(np.max(loud))).astype(np.int8), [0]])
    begins, ends = np.flatnonzero(np.diff(quiet) == 1), np.flatnonzero(np.diff(quiet) == -1)
    inner = [(a, b) for a, b in zip(begins, ends, strict=True) if a > 3 and b < frames - 3]
    ranked = sorted(inner, key=lambda pause: pause[0] - pause[1])
    pauses = sorted(ranked[: len(words) - 1])
    shortest = min((b - a for a, b in pauses), default=0)
    rest = max((b - a for a, b in ranked[len(words) - 1 :]), default=0)
    if len(pauses) != len(words) - 1 or shortest < PAUSE_FRAMES or rest > 0.7 * shortest:
        return [(samples, text)]
    cuts = [0, *(int((a + b) / 2) * FRAME for a, b in pauses), len(samples)]
    return [(samples[a:b], word) for a, b, word in zip(cuts, cuts[1:], words, strict=False)]


def joined(first: str, second: str) -> str:
    return first + second if first.endswith(("，", "。", "？", "！")) else f"{first}，{second}"


def batches(windows: Windows, rng: np.random.Generator, seconds: float = 48.0, pool: int = 64) -> Iterator[Batch]:
    """Windows of like length together, about `seconds` of audio in each batch, in random order."""
    while True:
        drawn = sorted((windows.draw() for _ in range(pool)), key=lambda window: len(window.samples))
        groups: list[list[Window]] = [[]]
        for window in drawn:
            if groups[-1] and len(window.samples) * (len(groups[-1]) + 1) > seconds * RATE:
                groups.append([])
            groups[-1].append(window)
        for index in rng.permutation(len(groups)):
            yield make_batch(groups[int(index)], rng, [window.text for window in drawn])


def make_batch(group: list[Window], rng: np.random.Generator, texts: list[str]) -> Batch:
    length = max(len(window.samples) for window in group) / RATE
    draw = rng.random()
    if draw < 0.2:
        length += float(rng.uniform(0, 1.5))
    elif draw < 0.25:
        length += float(rng.uniform(0, 5.0))
    prompt = ""
    if rng.random() < PROMPTED_SHARE:
        prompt = str(rng.choice([text for text in texts if text] or [""]))[:40]
    mels = [log_mel(window.samples, length) for window in group]
    frames = min(mel.shape[1] for mel in mels)
    return Batch(np.stack([mel[:, :frames] for mel in mels]), [window.text for window in group], prompt)
