"""Voices: speakers are blended by weight, long texts are spoken in pieces, and what cannot be spoken is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.voices.errors import VoiceError
from pipeline.voices.kokoro import RATE, Kokoro, pieces, trimmed
from pipeline.voices.styles import ROWS, WIDTH, Blend, Styles


@pytest.fixture
def styles(tmp_path: Path) -> Styles:
    for name, value in (("a", 1.0), ("b", 3.0)):
        np.full((ROWS, WIDTH), value, "<f4").tofile(tmp_path / f"{name}.bin")
    (tmp_path / "cut.bin").write_bytes(b"\0" * 100)
    return Styles(tmp_path)


def test_a_blend_lies_between_its_parts(styles: Styles) -> None:
    np.testing.assert_allclose(styles.blend(Blend((("a", 0.75), ("b", 0.25)))), 1.5)


def test_weights_that_do_not_add_up_and_unknown_or_broken_voices_are_refused(styles: Styles) -> None:
    with pytest.raises(VoiceError, match=r"add up to 0\.9"):
        styles.blend(Blend((("a", 0.5), ("b", 0.4))))
    with pytest.raises(VoiceError, match="known: a, b, cut"):
        styles.table("zf_nobody")
    with pytest.raises(VoiceError, match="25 numbers"):
        styles.table("cut")


def test_a_long_text_is_cut_at_its_marks_and_nothing_is_lost() -> None:
    text = "一句话，" * 30 + "没有标点" * 40 + "。"
    parts = pieces(text)
    assert "".join(parts) == text
    assert all(len(part) <= 60 for part in parts)
    assert parts[0].endswith("，")


def test_silence_is_trimmed_off_both_ends() -> None:
    speech = np.concatenate([np.zeros(RATE), np.full(RATE, 0.5), np.zeros(RATE)]).astype(np.float32)
    assert len(trimmed(speech)) == pytest.approx(RATE * 1.08, rel=0.01)
    assert trimmed(np.zeros(100, np.float32)).size == 0


def test_a_missing_voice_model_says_how_to_fetch_it(tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match="hotline models fetch kokoro-82m"):
        Kokoro(tmp_path)
