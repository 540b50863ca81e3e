"""The real model over the real weights: only where they are here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.asr.decoder import Decoder, compute_type, device_for
from pipeline.asr.options import DecodeOptions
from pipeline.asr.readings import Window
from pipeline.audio.recording import read
from pipeline.audio.resample import resample
from pipeline.settings import Settings

ROOT = Path(__file__).resolve().parents[4]
SAMPLES = sorted((ROOT / "pipeline" / "samples" / "calls").glob("*.wav"))


def _folder() -> Path | None:
    folders = sorted((ROOT / Settings.model_validate({}).models).glob("*/model.bin"))
    return folders[0].parent if folders else None


FOLDER = _folder()
pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(FOLDER is None or not SAMPLES, reason="PROMISE NOT TESTED: no speech model or no sample calls"),
]


@pytest.fixture(scope="module")
def decoder() -> Decoder:
    assert FOLDER is not None
    return Decoder(FOLDER, DecodeOptions(short_windows=True))


def windows(*spans: tuple[float, float]) -> list[Window]:
    rate, channels = read(SAMPLES[0])
    pcm = resample(channels[-1], rate, 16_000)
    return [
        Window(
            stream=str(n),
            start=0,
            end=int((end - start) * 16_000),
            pcm=pcm[int(start * 16_000) : int(end * 16_000)].tobytes(),
            final=True,
        )
        for n, (start, end) in enumerate(spans)
    ]


def test_a_window_reads_the_same_alone_and_among_windows_of_its_padded_length(decoder: Decoder) -> None:
    rows = windows((1.0, 5.1), (3.0, 7.2), (1.5, 5.8), (0.5, 4.6))
    together = decoder.read(rows)
    assert [decoder.read([row])[0] for row in rows] == together
    assert any(reading.text for reading in together)


def test_a_window_at_the_length_of_the_trap_is_read(decoder: Decoder) -> None:
    (reading,) = decoder.read(windows((1.0, 2.6)))
    assert reading.tokens < 60


def test_a_loop_is_bounded_by_the_length_of_its_sound(decoder: Decoder) -> None:
    noise = np.random.default_rng(1).normal(0, 4000, 16_000).astype("<i2")
    window = Window(stream="n", start=0, end=16_000, pcm=noise.tobytes(), final=True)
    (reading,) = decoder.read([window])
    assert reading.tokens <= 24


def test_an_empty_window_and_an_empty_batch_are_no_fault(decoder: Decoder) -> None:
    assert decoder.read([]) == []
    assert len(decoder.read([Window(stream="n", start=0, end=0, pcm=b"", final=True)])) == 1


def test_the_second_reading_says_that_it_is_one(decoder: Decoder) -> None:
    (reading,) = decoder.read(windows((1.0, 5.0)), care="careful")
    assert reading.careful


def test_the_card_tells_what_the_model_is(decoder: Decoder) -> None:
    assert decoder.card.bands in (80, 128)
    assert decoder.card.short_windows
    assert decoder.card.device == device_for("auto")
    assert decoder.card.compute == compute_type(decoder.card.device, "auto")


def test_an_unknown_language_is_refused() -> None:
    assert FOLDER is not None
    with pytest.raises(ValueError, match="klingon"):
        Decoder(FOLDER, DecodeOptions(language="klingon"))


def test_a_search_says_nothing_where_a_glance_hears_nothing() -> None:
    """A beam alone never ends empty: it would write 嗯 for silence."""
    assert FOLDER is not None
    silent = Window(stream="s", start=0, end=32_000, pcm=bytes(64_000), final=True)
    searching = Decoder(FOLDER, DecodeOptions(short_windows=True, beam=5))
    glanced, searched = searching.read([silent], care="quick"), searching.read([silent], care="full")
    assert bool(glanced[0].text) == bool(searched[0].text)
