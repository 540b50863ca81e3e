"""The one owner of the speech model's weights: windows in, readings out. Lives in the engine's child process."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ctranslate2
import numpy as np

from pipeline.asr.declaration import declaration, model_name
from pipeline.asr.mel import Mel, log_mel
from pipeline.asr.options import DecodeOptions, lanes_of
from pipeline.asr.padding import padded_frames
from pipeline.asr.readings import Care, ModelCard, Reading, Window
from pipeline.asr.wording.lexicon import Lexicon
from pipeline.asr.wording.reword import Rewording
from pipeline.asr.wording.spelling import Heard, Spelling

TOKENS_PER_S = 12  # no one speaks faster
SPARE_TOKENS = 12
_AGAINST_REPEATS = 1.1  # penalty on tokens already written, in a second reading
MOST_TOKENS = 224  # the decoder has no more positions


def compute_type(device: str, wanted: str) -> str:
    """The wanted type, or the best the device has."""
    if wanted != "auto":
        return wanted
    offered = ctranslate2.get_supported_compute_types(device)
    best = ("float16", "int8_float16", "float32") if device == "cuda" else ("int8", "int8_float32", "float32")
    return next((kind for kind in best if kind in offered), "default")


def device_for(wanted: str) -> str:
    """auto → cuda where there is one."""
    if wanted != "auto":
        return wanted
    return "cuda" if ctranslate2.get_cuda_device_count() > 0 else "cpu"


class Decoder:
    """Reads windows. Promise: a window's reading is the same alone and among windows of its own padded length.

    Windows of other lengths may share a batch where that does not matter (partials).
    """

    def __init__(self, folder: Path, options: DecodeOptions) -> None:
        from tokenizers import Tokenizer

        device = device_for(options.device)
        compute = compute_type(device, options.compute)
        # one thread per reading: shared among threads, steps as small as the decoder's take longer, not shorter
        lanes = lanes_of(options) if device == "cpu" else 1
        self._model: Any = ctranslate2.models.Whisper(
            str(folder), device=device, compute_type=compute, inter_threads=lanes, intra_threads=1
        )
        self._options = options
        self._tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        if not self._model.is_multilingual:
            raise ValueError(f"{folder.name}: an English-only model can't hear Mandarin")
        lexicon = Lexicon.read(Path(options.words)) if options.words else None
        self._rewording = Rewording(lexicon) if lexicon else None
        self._spelling = Spelling(self._tokenizer)
        short = declaration(folder).short_windows if options.short_windows is None else options.short_windows
        cheap = short or device == "cuda"
        self.card = ModelCard(
            name=model_name(folder) + (f"+{lexicon.revision}" if lexicon else ""),
            bands=self._model.n_mels,
            short_windows=short,
            retries=cheap if options.retry is None else options.retry,
            device=device,
            compute=compute,
            lanes=lanes,
            rows=1 if device == "cpu" else 32,
        )
        greedy = device == "cpu" or lexicon is not None
        final_beam = (1 if greedy else 5) if options.beam is None else options.beam
        self._beams: dict[Care, int] = {
            "quick": options.partial_beam,
            "full": final_beam,
            "careful": options.retry_beam,
        }
        self._end = self._id("<|endoftext|>")
        task = [
            self._id(f"<|{part}|>") for part in ("startoftranscript", options.language, "transcribe", "notimestamps")
        ]
        self._prompt = self._context(options.prompt) + task

    def read(self, windows: Sequence[Window], care: Care = "full") -> list[Reading]:
        """One batch. `careful` also reads against repeats: for windows that came out wrong."""
        if not windows:
            return []
        if care == "full" and self._beams["full"] > 1:
            return self._searched(windows)
        return self._read(windows, care)

    def _searched(self, windows: Sequence[Window]) -> list[Reading]:
        """A search never ends empty, it says 嗯 where nobody speaks: what a glance finds empty stays so."""
        readings = self._read(windows, "quick")
        spoken = [n for n, reading in enumerate(readings) if reading.text]
        if spoken:
            for n, reading in zip(spoken, self._read([windows[n] for n in spoken], "full"), strict=True):
                readings[n] = reading
        return readings

    def _read(self, windows: Sequence[Window], care: Care) -> list[Reading]:
        frames = max(padded_frames(window.samples, self.card.short_windows) for window in windows)
        mels = np.stack([self._mel(window, frames) for window in windows])
        most = [self._token_cap(window) for window in windows]
        beam = self._beams[care]
        results = self._model.generate(
            ctranslate2.StorageView.from_array(mels),
            [self._prompt] * len(windows),
            beam_size=beam,
            # a search keeps no logits of the way it took
            return_logits_vocab=self._rewording is not None and beam == 1,
            max_length=max(2 * max(most), len(self._prompt) + max(most)),
            repetition_penalty=_AGAINST_REPEATS if care == "careful" else 1.0,
            return_scores=True,
            return_no_speech_prob=True,
            suppress_blank=True,
        )
        return [self._reading(result, cap, care == "careful") for result, cap in zip(results, most, strict=True)]

    def _token_cap(self, window: Window) -> int:
        """Tokens a window may give: its own length decides, whatever it is batched with."""
        room = MOST_TOKENS - max(0, len(self._prompt) - 4)
        return max(1, min(int(window.seconds * TOKENS_PER_S) + SPARE_TOKENS, room))

    def _mel(self, window: Window, frames: int) -> Mel:
        mine = padded_frames(window.samples, self.card.short_windows)
        mel = log_mel(np.frombuffer(window.pcm, "<i2"), mine, self.card.bands)
        if mine == frames:
            return mel
        return np.pad(mel, ((0, 0), (0, frames - mine)), constant_values=float(mel.min()))

    def _reading(self, result: Any, cap: int, careful: bool) -> Reading:
        ids = [token for token in result.sequences_ids[0] if token < self._end][:cap]
        count = len(ids) + 1  # the end token has a probability too
        # CTranslate2 divides the sum of log probabilities by the length, the end token left out
        logprob = result.scores[0] * max(1, len(ids)) / count
        return Reading(
            text=self._worded(ids, result.logits).strip(),
            logprob=round(logprob, 4),
            no_speech=round(result.no_speech_prob, 4),
            tokens=len(ids),
            careful=careful,
        )

    def _worded(self, ids: list[int], logits: Sequence[Any]) -> str:
        if self._rewording is None or not logits or not ids:
            return str(self._tokenizer.decode(ids))
        rows = np.stack([_on_cpu(row) for row in logits[0][: len(ids)]])
        try:
            return self._rewording.best(Heard(self._spelling, ids, rows))
        except UnicodeDecodeError:  # cut off within a character
            return str(self._tokenizer.decode(ids))

    def _context(self, prompt: str) -> list[int]:
        if not prompt:
            return []
        words = self._tokenizer.encode(" " + prompt.strip(), add_special_tokens=False).ids
        return [self._id("<|startofprev|>"), *words[-100:]]

    def _id(self, token: str) -> int:
        found = self._tokenizer.token_to_id(token)
        if found is None:
            raise ValueError(f"the model's vocabulary lacks {token}")
        return int(found)


def _on_cpu(row: Any) -> np.ndarray:
    if row.device == "cuda":
        row = row.to_device(ctranslate2.Device.cpu)
    return np.array(row.to(ctranslate2.DataType.float32))
