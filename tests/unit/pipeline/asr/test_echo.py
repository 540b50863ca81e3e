from __future__ import annotations

import numpy as np
import pytest

from pipeline.asr.echo import QUIETEST, Loudness, is_echo
from pipeline.asr.vad import FRAME
from pipeline.audio.resample import resample
from tests.unit.pipeline.asr.voice import silence, talk, voice

NOISE = np.random.default_rng(3)


def loudness(pcm: np.ndarray) -> Loudness:
    wide = resample(pcm, 8000, 16_000)
    wide = wide[: len(wide) // FRAME * FRAME]
    made = Loudness()
    for start in range(0, len(wide), 10 * FRAME):
        made.add(start, wide[start : start + 10 * FRAME])
    return made


def leak(pcm: np.ndarray, db: float, delay_s: float, noise: float = 8.0) -> np.ndarray:
    late = np.concatenate([silence(delay_s), pcm])[: len(pcm)]
    return (late * 10 ** (db / 20) + NOISE.normal(0, noise, len(pcm))).astype(np.int16)


AGENT = talk([("s", 0.5), ("v", 3.0), ("s", 0.4), ("v", 2.0), ("s", 0.5)])
SPAN = (int(0.6 * 16_000), int(6.0 * 16_000))


@pytest.mark.parametrize("db", [-15, -25, -35])
@pytest.mark.parametrize("delay_s", [0.0, 0.06, 0.25])
def test_a_leak_of_the_other_side_is_an_echo(db: float, delay_s: float) -> None:
    assert is_echo(loudness(leak(AGENT, db, delay_s)), loudness(AGENT), *SPAN)


def test_the_source_is_no_echo_of_its_leak() -> None:
    assert not is_echo(loudness(AGENT), loudness(leak(AGENT, -25, 0.06)), *SPAN)


@pytest.mark.parametrize("db", [0, -12, -20])
@pytest.mark.parametrize("seed", range(11, 16))
def test_two_people_talking_at_once_are_no_echo(db: float, seed: int) -> None:
    other = leak(np.concatenate([silence(0.5), voice(5.0, seed), silence(0.9)]), db, 0.0)
    assert not is_echo(loudness(other), loudness(AGENT), *SPAN)


@pytest.mark.parametrize("seed", range(20, 30))
def test_a_short_soft_yes_while_the_other_talks_is_no_echo(seed: int) -> None:
    yes = leak(np.concatenate([silence(1.0), voice(0.4, seed), silence(5.0)]), -15, 0.0)
    assert not is_echo(loudness(yes), loudness(AGENT), int(0.9 * 16_000), int(1.5 * 16_000))


def test_speech_while_the_other_is_silent_is_no_echo() -> None:
    assert not is_echo(loudness(leak(AGENT, -30, 0.0)), loudness(silence(6.4)), *SPAN)


def test_what_is_not_known_counts_as_silence() -> None:
    made = Loudness()
    made.add(0, np.full(4 * FRAME, 3000, np.int16))
    levels = made.between(-2 * FRAME, 6 * FRAME)
    assert len(levels) == 8
    assert levels.tolist()[:2] == [QUIETEST] * 2
    assert levels[2:6].min() > -25
    assert levels.tolist()[6:] == [QUIETEST] * 2
    assert made.between(100 * FRAME, 102 * FRAME).tolist() == [QUIETEST] * 2
    assert made.between(-50 * FRAME, -48 * FRAME).tolist() == [QUIETEST] * 2


def test_only_the_last_half_minute_is_remembered_and_restored() -> None:
    made = Loudness()
    for second in range(40):
        made.add(second * 32 * FRAME, np.full(32 * FRAME, 1000, np.int16))
    assert len(made.snapshot()) == 4 * 1024
    again = Loudness()
    again.restore(made.snapshot(), made.end)
    assert (again.between(made.end - 5 * FRAME, made.end) == made.between(made.end - 5 * FRAME, made.end)).all()
