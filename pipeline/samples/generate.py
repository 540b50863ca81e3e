"""Sample calls: speaks every script and writes recording and reference side by side."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np

from pipeline.samples.render import LEGS, lay_out, on_lines
from pipeline.samples.script import Sample, Script, Speaker, read_scripts

RATE = 8000  # Hz
HERE = Path(__file__).parent


class SampleOptions(msgspec.Struct, kw_only=True):
    """Which calls to make, from where to where."""

    voices: Path  # folder of the voice model
    scripts: Path = HERE / "scripts"
    out: Path = HERE / "calls"
    only: list[str] = []  # names; empty = all
    threads: int = 2


def run_samples(options: SampleOptions, progress: Callable[[int, int], None] | None = None) -> list[Path]:
    """Makes the recordings anew; returns their paths."""
    import soxr

    from pipeline.voices.kokoro import RATE as VOICE_RATE
    from pipeline.voices.kokoro import Kokoro
    from pipeline.voices.styles import Blend

    kokoro = Kokoro(options.voices, threads=options.threads)

    def say(text: str, speaker: Speaker, speed: float) -> np.ndarray:
        style = kokoro.styles.blend(Blend(tuple(speaker.voice.items())))
        return soxr.resample(kokoro.speak(text, style, speed), VOICE_RATE, RATE, quality="VHQ").astype(np.float32)

    scripts = [script for script in read_scripts(options.scripts) if not options.only or script.name in options.only]
    options.out.mkdir(parents=True, exist_ok=True)
    written = []
    for done, script in enumerate(scripts):
        if progress:
            progress(done, len(scripts))
        clean, turns = lay_out(script, say)
        written.append(_write(options.out, script, on_lines(clean, script), turns))
    return written


def _write(folder: Path, script: Script, channels: np.ndarray, turns: list) -> Path:
    import soundfile

    path = folder / f"{script.name}.wav"
    partial = path.with_name(path.name + ".part")
    soundfile.write(partial, channels.T, RATE, format="WAV", subtype="ALAW")
    os.replace(partial, path)
    sample = Sample(
        name=script.name,
        title=script.title,
        file=path.name,
        rate=RATE,
        seconds=round(channels.shape[1] / RATE, 2),
        legs=list(LEGS),
        calling_number=script.calling_number,
        turns=turns,
        reference=script.reference,
        earlier=script.earlier,
    )
    text = msgspec.json.format(msgspec.json.encode(sample), indent=1).decode("utf-8")
    path.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    return path
