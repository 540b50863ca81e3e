"""Made-up calls: spoken by the demo's voices over a telephone line, with the reference beside each recording."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import msgspec
import numpy as np

from pipeline.calls.made import MadeCall, Turn
from pipeline.samples.render import lay_out, on_lines
from pipeline.samples.script import Reference, Script, Speaker
from pipeline.samples.script import Turn as Line

RATE = 8000  # Hz
VOICES = ("zf_xiaobei", "zf_xiaoni", "zf_xiaoxiao", "zf_xiaoyi", "zm_yunjian", "zm_yunxi", "zm_yunxia", "zm_yunyang")
BEHIND = ("quiet", "quiet", "street", "room")


def record(
    calls: Sequence[MadeCall], voices: Path, out: Path, progress: Callable[[int, int], None] | None = None
) -> list[Path]:
    """Speaks each call into `out` as NAME.wav (two A-law channels) with NAME.json; what is there already stays."""
    import soxr

    from pipeline.voices.kokoro import RATE as VOICE_RATE
    from pipeline.voices.kokoro import Kokoro
    from pipeline.voices.styles import Blend

    kokoro = Kokoro(voices, threads=1)

    def say(text: str, speaker: Speaker, speed: float) -> np.ndarray:
        style = kokoro.styles.blend(Blend(tuple(speaker.voice.items())))
        return soxr.resample(kokoro.speak(text, style, speed), VOICE_RATE, RATE, quality="VHQ").astype(np.float32)

    out.mkdir(parents=True, exist_ok=True)
    written = []
    for done, call in enumerate(calls):
        if progress:
            progress(done, len(calls))
        path = out / call.file
        if not path.with_suffix(".json").exists():
            _write(path, call, say)
        written.append(path)
    return written


def _write(path: Path, call: MadeCall, say: Callable[[str, Speaker, float], np.ndarray]) -> None:
    import soundfile

    script = _script(call)
    clean, turns = lay_out(script, say)
    channels = on_lines(clean, script)
    partial = path.with_name(path.name + ".part")
    soundfile.write(partial, channels.T, RATE, format="WAV", subtype="ALAW")
    os.replace(partial, path)
    spoken = tuple(
        Turn(turn.leg, said.start, said.end, turn.text) for turn, said in zip(call.turns, turns, strict=True)
    )
    text = msgspec.json.format(msgspec.json.encode(msgspec.structs.replace(call, turns=spoken)), indent=1).decode()
    path.with_suffix(".json").write_text(text + "\n", encoding="utf-8")


def _script(call: MadeCall) -> Script:
    rng = Random(f"voice/{call.name}")
    caller, agent = rng.sample(VOICES, 2)
    return Script(
        name=call.name,
        title="",
        calling_number=call.calling_number,
        seed=rng.randrange(2**31),
        caller=Speaker(voice={caller: 1.0}, speed=rng.uniform(1.0, 1.2), place=rng.choice(BEHIND)),  # type: ignore[arg-type]
        agent=Speaker(voice={agent: 1.0}, speed=1.1),
        turns=[Line(who=turn.leg, text=turn.text, gap=rng.uniform(0.35, 0.8)) for turn in call.turns],  # type: ignore[arg-type]
        reference=Reference(contact_phone="", caller_name="", matters=[]),
    )
