"""The ear's school, last step: how well adapted weights hear unseen sentences by unseen voices, people, and nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import soxr

from pipeline.asr.decoder import Decoder
from pipeline.asr.models.adapter import Adapter, merge
from pipeline.asr.models.merged import copy_side_files
from pipeline.asr.models.weights import Weights
from pipeline.asr.options import DecodeOptions
from pipeline.asr.readings import RATE as EAR_RATE
from pipeline.asr.readings import Window
from pipeline.asr.scoring import score
from pipeline.asr.training.nonspeech import draw_nonspeech
from pipeline.asr.training.synth import read_manifest
from pipeline.asr.training.telephone import RATE, g711, levelled
from pipeline.asr.wording.city import make_lexicon

BATCH = 8


class EvaluateOptions(msgspec.Struct, kw_only=True):
    """What to measure, with which weights. One pass: every clip is one window."""

    base: Path  # folder of the stock model
    adapter: Path | None = None  # None = stock
    strengths: Sequence[float] = (0.6,)
    padded: bool = False  # to 30 s, as stock Whisper needs it
    beam: int = 1  # width of the search; 1 = greedy
    clips: Path | None = None  # folder of held-out clips with their manifest
    people: Path | None = None  # folder of NAME.wav, NAME.txt
    nonspeech: int = 0  # clips without speech
    city: Path | None = None  # pack whose words are chosen among, held-out sentences left out; None = as written
    threads: int = 2
    seed: int = 5


Clip = tuple[np.ndarray, str, str]  # 8 kHz samples, text, kind


def run_evaluate(options: EvaluateOptions, progress: Callable[[int, int], None] | None = None) -> list[dict[str, Any]]:
    """One row of figures per strength."""
    sets = {"unseen voices": spoken_clips(options.clips), "people": people_clips(options.people)}
    quiet = nonspeech_clips(options.nonspeech, options.seed)
    stock, rows = Weights.read(options.base / "model.bin"), []
    strengths = options.strengths if options.adapter else (0.0,)
    for done, strength in enumerate(strengths):
        if progress:
            progress(done, len(strengths))
        with tempfile.TemporaryDirectory() as scratch:
            folder, words = Path(scratch), ""
            if options.city:
                words = str(folder / "words.bin")
                make_lexicon(options.city, held_out=False).write(Path(words))
            weights = merge(stock, Adapter.read(options.adapter), strength) if options.adapter else stock
            weights.write(folder / "model.bin")
            copy_side_files(options.base, folder, stock=strength == 0)
            decoding = DecodeOptions(
                short_windows=not options.padded, threads=options.threads, beam=options.beam, words=words
            )
            row = {"strength": strength, "padded": options.padded, "beam": options.beam, "words": bool(words)}
            rows.append({**row, **_figures(Decoder(folder, decoding), sets, quiet)})
    return rows


def _figures(decoder: Decoder, sets: dict[str, list[Clip]], quiet: list[np.ndarray]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, clips in sets.items():
        if not clips:
            continue
        heard = read_all(decoder, [samples for samples, _, _ in clips])
        pairs = [(text, said) for (_, text, _), said in zip(clips, heard, strict=True)]
        found[name] = msgspec.to_builtins(score(pairs))
        kinds = sorted({kind for _, _, kind in clips if kind})
        for kind in kinds:
            chosen = [pair for pair, (_, _, its) in zip(pairs, clips, strict=True) if its == kind]
            found[name][kind] = score(chosen).cer
    if quiet:
        said = [text for text in read_all(decoder, quiet) if text]
        found["nonspeech"] = {"clips": len(quiet), "with text": len(said), "texts": said[:5]}
    return found


def read_all(decoder: Decoder, clips: Sequence[np.ndarray]) -> list[str]:
    """One reading per clip, in batches of clips of like length."""
    order = sorted(range(len(clips)), key=lambda index: len(clips[index]))
    texts = [""] * len(clips)
    for first in range(0, len(order), BATCH):
        some = order[first : first + BATCH]
        for index, reading in zip(some, decoder.read([_window(clips[index]) for index in some]), strict=True):
            texts[index] = reading.text
    return texts


def _window(samples: np.ndarray) -> Window:
    wide = soxr.resample(samples.astype(np.float32), RATE, EAR_RATE)
    pcm = (np.clip(wide, -1, 1) * 32767).astype("<i2")
    return Window(stream="evaluate", start=0, end=len(pcm), pcm=pcm.tobytes(), final=True)


def spoken_clips(folder: Path | None) -> list[Clip]:
    """Held-out clips over A-law, nothing else done to them."""
    import soundfile

    if folder is None:
        return []
    clips = read_manifest(folder)
    return [
        (g711(levelled(soundfile.read(folder / clip.file, dtype="float32")[0], -6.0), "alaw"), clip.text, clip.kind)
        for clip in clips
    ]


def people_clips(folder: Path | None) -> list[Clip]:
    import soundfile

    if folder is None:
        return []
    found: list[Clip] = []
    for path in sorted(folder.glob("*.wav")):
        samples, rate = soundfile.read(path, dtype="float32")
        if rate != RATE or samples.ndim != 1:
            raise ValueError(f"{path.name}: {rate} Hz, expected {RATE} Hz mono")
        found.append((samples, path.with_suffix(".txt").read_text("utf-8").strip(), ""))
    return found


def nonspeech_clips(count: int, seed: int) -> list[np.ndarray]:
    rng = np.random.default_rng(seed)
    return [draw_nonspeech(float(rng.uniform(1, 8)), rng) for _ in range(count)]
