"""Windows of the training set: true lengths, texts that match their sound, silence without text."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile

from pipeline.asr.training import dataset, nonspeech
from pipeline.asr.training.synth import Clip, read_manifest

RATE = 8000


def burst(seconds: float) -> np.ndarray:
    return (0.4 * np.random.default_rng(0).standard_normal(int(seconds * RATE))).astype(np.float32)


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    lines = []
    for number in range(6):
        soundfile.write(tmp_path / f"{number}.wav", burst(0.6 + 0.2 * number), RATE, subtype="PCM_16")
        lines.append(
            msgspec.json.encode(
                Clip(number, f"{number}.wav", f"第{'零一二三四五'[number]}句。", "words", "v", 1.0, 1.0)
            )
        )
    (tmp_path / "manifest-0.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    return tmp_path


def test_a_manifest_cut_off_by_a_crash_loses_its_last_line_only(clips: Path) -> None:
    path = clips / "manifest-0.jsonl"
    path.write_bytes(path.read_bytes()[:-20])
    assert [clip.number for clip in read_manifest(clips)] == [0, 1, 2, 3, 4]


def test_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="hotline speech synth"):
        dataset.Windows([tmp_path], np.random.default_rng(0))


def test_phrases_are_cut_at_the_pauses() -> None:
    pause = np.zeros(int(0.3 * RATE), np.float32)
    samples = np.concatenate([burst(0.8), pause, burst(0.5), pause, burst(0.9)])
    found = dataset.phrases(samples, "一二三，四五，六七八。")
    assert [text for _, text in found] == ["一二三", "四五", "六七八"]
    assert [round(len(sound) / RATE, 1) for sound, _ in found] == [0.9, 0.8, 1.0] or sum(
        len(sound) for sound, _ in found
    ) == len(samples)


def test_phrases_stay_together_where_pauses_and_marks_disagree() -> None:
    assert dataset.phrases(burst(2.0), "一二三，四五。")[0][1] == "一二三，四五。"


def test_windows_come_with_known_texts_and_silence_comes_with_none(clips: Path) -> None:
    rng = np.random.default_rng(5)
    windows = [dataset.Windows([clips], rng).draw() for _ in range(60)]
    assert any(window.text == "" for window in windows)
    assert any("，" in window.text for window in windows)
    for window in windows:
        assert np.isfinite(window.samples).all()
        assert 0.3 * RATE < len(window.samples) < 25 * RATE


def test_a_batch_has_one_length_and_no_window_is_cut(clips: Path) -> None:
    rng = np.random.default_rng(6)
    group = [dataset.Window(burst(1.0), "甲"), dataset.Window(burst(1.7), "乙")]
    batch = dataset.make_batch(group, rng, ["甲", "乙"])
    assert batch.mels.shape[:2] == (2, 80)
    assert batch.mels.shape[2] >= 170
    assert batch.mels.shape[2] % 2 == 0


def test_the_length_that_ctranslate2_takes_for_features_is_never_made() -> None:
    from pipeline.asr.training.features import log_mel

    assert log_mel(burst(1.6)).shape[1] != 160


def test_background_noise_is_not_silent() -> None:
    rng = np.random.default_rng(7)
    assert all(np.std(nonspeech.draw_background(4000, rng, [burst(0.5)] * 2)) > 0 for _ in range(10))


def test_every_folder_of_clips_but_the_held_out_one_is_trained_on(tmp_path: Path):
    from pipeline.asr.training.synth import spoken_folders

    with pytest.raises(ValueError, match="speech synth"):
        spoken_folders(tmp_path)
    for name in ("train", "held_out", "general", "adapter"):
        (tmp_path / name).mkdir()
        if name != "adapter":
            (tmp_path / name / "manifest-0-0-1.jsonl").touch()
    assert spoken_folders(tmp_path) == [tmp_path / "general", tmp_path / "train"]
