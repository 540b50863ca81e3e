"""The ear's school, second step: speaks the sentences, in several processes; resumable."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np

from pipeline.asr.training.sentence import Sentence

RATE = 8000  # Hz, of the clips kept
PACE, PACE_SPREAD = 1.08, 0.14  # of the voice model; 1 = its own


class SynthOptions(msgspec.Struct, kw_only=True):
    """What to speak, and how much of it."""

    out: Path  # folder of the clips; made if absent, continued if present
    voices: Path  # folder of the voice model
    city: Path | None = None  # city pack whose words are spoken; None = general Mandarin only
    clips: int = 2000
    first: int = 0  # number of the first clip; every clip is drawn from (seed, number)
    seed: int = 1
    workers: int = 2
    shares: dict[str, float] = {}  # kind → share; empty = the recipe's
    held_out: bool = False  # speak the held-out combinations with the held-out voices instead


class Clip(msgspec.Struct, frozen=True):
    """One line of the manifest."""

    number: int
    file: str
    text: str
    kind: str
    voice: str
    speed: float
    seconds: float


SHARES = {"hotline": 0.52, "agent": 0.12, "entity": 0.14, "short": 0.04, "words": 0.10, "prose": 0.08}
HELD_OUT_SHARES = {"hotline": 0.55, "agent": 0.1, "entity": 0.2, "words": 0.05, "prose": 0.1}


def draw_sentence(grammar: object, rng: np.random.Generator, shares: dict[str, float], held_out: bool) -> Sentence:
    """The next sentence on the asked side of the split."""
    kinds = list(shares)
    weights = np.array([shares[kind] for kind in kinds])
    kind = str(rng.choice(kinds, p=weights / weights.sum()))
    while True:
        sentence: Sentence = getattr(grammar, kind)(rng)
        if sentence.held_out is held_out and sentence.text.strip("，。？！"):
            return sentence


def run_synth(options: SynthOptions, progress: Callable[[int, int], None] | None = None) -> int:
    """Speaks what is missing of the plan; returns the number of clips that exist."""
    options.out.mkdir(parents=True, exist_ok=True)
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_work, args=(options, rank)) for rank in range(options.workers)]
    for worker in workers:
        worker.start()
    while any(worker.is_alive() for worker in workers):
        if progress:
            progress(len(read_manifest(options.out)), options.clips)
        workers[0].join(2.0)
        if not workers[0].is_alive():
            for worker in workers:
                worker.join()
    failed = [worker.exitcode for worker in workers if worker.exitcode]
    if failed:
        raise RuntimeError(
            f"{len(failed)} of {len(workers)} speaking processes ended with exit codes {failed}; run again to go on"
        )
    return len(read_manifest(options.out))


def read_manifest(folder: Path) -> list[Clip]:
    """Every finished clip of a folder, by number. A line cut off by a crash is left out."""
    clips: dict[int, Clip] = {}
    decoder = msgspec.json.Decoder(Clip)
    for path in sorted(folder.glob("manifest-*.jsonl")):
        for line in path.read_bytes().split(b"\n"):
            try:
                clip = decoder.decode(line)
            except msgspec.DecodeError:
                continue
            clips[clip.number] = clip
    return [clips[number] for number in sorted(clips)]


def spoken_folders(work: Path) -> list[Path]:
    """Folders of clips under `work` to train on: all but the held-out ones. Raises ValueError when there are none."""
    found = sorted({path.parent for path in work.glob("*/manifest-*.jsonl")} - {work / "held_out"})
    if not found:
        raise ValueError(f"no clips under {work}: speak some first with: hotline speech synth")
    return found


def _work(options: SynthOptions, rank: int) -> None:
    os.environ["OMP_NUM_THREADS"] = "1"
    import soundfile
    import soxr

    from pipeline.asr.training.grammar import Grammar
    from pipeline.voices.kokoro import RATE as VOICE_RATE
    from pipeline.voices.kokoro import Kokoro
    from pipeline.voices.styles import HELD_OUT, MANDARIN, Blend, draw_speaker

    grammar = Grammar.load(options.city)
    kokoro = Kokoro(options.voices, threads=1)
    others = [name for name in kokoro.styles.names() if name not in MANDARIN]
    shares = options.shares or (HELD_OUT_SHARES if options.held_out else SHARES)
    done = {clip.number for clip in read_manifest(options.out)}
    path = options.out / f"manifest-{options.first}-{rank}-{int(time.time())}.jsonl"
    with path.open("ab") as manifest:
        for number in range(options.first + rank, options.first + options.clips, options.workers):
            if number in done:
                continue
            rng = np.random.default_rng((options.seed, number))
            sentence = draw_sentence(grammar, rng, shares, options.held_out)
            if options.held_out:
                speaker = Blend(((HELD_OUT[number % len(HELD_OUT)], 1.0),))
            else:
                speaker = draw_speaker(rng, others)
            speed = round(float(np.clip(rng.normal(PACE, PACE_SPREAD), 0.8, 1.5)), 2)
            spoken = kokoro.speak(sentence.text, kokoro.styles.blend(speaker), speed)
            samples = soxr.resample(spoken, VOICE_RATE, RATE, quality="HQ")
            name = f"{number:06d}.wav"
            soundfile.write(options.out / name, np.clip(samples, -1, 1), RATE, subtype="PCM_16")
            clip = Clip(number, name, sentence.text, sentence.kind, speaker.label, speed, round(len(samples) / RATE, 3))
            manifest.write(msgspec.json.encode(clip) + b"\n")
            manifest.flush()
