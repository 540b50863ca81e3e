from __future__ import annotations

import numpy as np
import pytest

from pipeline.asr.vad import FRAME, VoiceActivity
from pipeline.audio.resample import resample
from tests.unit.pipeline.asr.voice import silence, talk


def frames(pcm: np.ndarray) -> np.ndarray:
    wide = resample(pcm, 8000, 16_000)
    return wide[: len(wide) // FRAME * FRAME]


SOUND = frames(talk([("s", 0.5), ("v", 2.0), ("s", 1.0), ("v", 0.5)]))


@pytest.mark.parametrize("step", [1, 3, 7])
def test_frames_in_pieces_give_what_one_whole_run_gives(step: int) -> None:
    whole = VoiceActivity().push(SOUND)
    activity = VoiceActivity()
    pieces = [activity.push(SOUND[at : at + step * FRAME]) for at in range(0, len(SOUND), step * FRAME)]
    assert np.concatenate(pieces) == pytest.approx(whole, abs=1e-6)


def test_it_agrees_with_the_model_as_faster_whisper_runs_it() -> None:
    from faster_whisper.vad import get_vad_model

    theirs = get_vad_model()(SOUND.astype(np.float32) / 32768.0).reshape(-1)
    assert VoiceActivity().push(SOUND)[:-1] == pytest.approx(theirs[:-1], abs=1e-3)


def test_a_restored_stream_goes_on_as_if_nothing_had_happened() -> None:
    one, half = VoiceActivity(), len(SOUND) // FRAME // 2 * FRAME
    one.push(SOUND[:half])
    two = VoiceActivity()
    two.restore(one.snapshot())
    assert two.push(SOUND[half:]).tolist() == one.push(SOUND[half:]).tolist()


def test_the_callers_samples_are_left_as_they_were() -> None:
    before = SOUND.copy()
    VoiceActivity().push(SOUND)
    assert (before == SOUND).all()


def test_voice_is_speech_and_silence_is_not() -> None:
    judged = VoiceActivity().push(SOUND)
    assert judged[:12].max() < 0.2
    assert judged[20:70].mean() > 0.5
    assert VoiceActivity().push(frames(silence(2.0))).max() < 0.2


def test_half_a_frame_is_refused() -> None:
    with pytest.raises(ValueError, match="100 samples"):
        VoiceActivity().push(np.zeros(100, np.int16))
