from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipeline.asr.file import Segment, transcribe_files
from pipeline.asr.scripted import Line, ScriptedEngine
from pipeline.audio.recording import BadRecording
from pipeline.audio.resample import resample
from tests.unit.pipeline.asr.voice import silence, talk

LEFT = talk([("s", 0.5), ("v", 2.0), ("s", 3.0), ("v", 1.5), ("s", 0.5)])
RIGHT = talk([("s", 3.5), ("v", 1.2), ("s", 2.8)])


@pytest.fixture
def call(tmp_path: Path) -> Path:
    path = tmp_path / "call.wav"
    soundfile.write(path, np.stack([LEFT, RIGHT], axis=1), 8000, subtype="ALAW")
    return path


def script(path: Path) -> ScriptedEngine:
    return ScriptedEngine(
        [
            Line(f"{path}/0", 0.4, 2.5, "我要投诉工地"),
            Line(f"{path}/1", 3.5, 4.7, "请问在哪里"),
            Line(f"{path}/0", 5.4, 7.0, "人民路"),
        ]
    )


async def lines(path: Path, **more: bool) -> list[Segment]:
    return [line async for line in transcribe_files([path], script(path), **more)]


async def test_both_channels_become_segments_in_the_order_of_the_sound(call: Path) -> None:
    found = await lines(call)
    assert [(line.channel, line.text) for line in found] == [(0, "我要投诉工地"), (1, "请问在哪里"), (0, "人民路")]
    assert all(line.file == str(call) and not line.partial and line.emitted is None for line in found)
    assert found[0].start == pytest.approx(0.3, abs=0.25)
    assert found[0].end == pytest.approx(2.6, abs=0.25)


async def test_streaming_gives_the_same_finals_and_partials_before_them(call: Path) -> None:
    streamed = await lines(call, stream=True)
    finals = [line for line in streamed if not line.partial]
    assert [(line.start, line.end, line.text) for line in sorted(finals, key=lambda line: line.end)] == [
        (line.start, line.end, line.text) for line in sorted(await lines(call), key=lambda line: line.end)
    ]
    partials = [line for line in streamed if line.partial]
    assert partials
    for line in streamed:
        assert line.emitted is not None
        assert line.emitted >= line.end - 0.11


async def test_stable_text_of_a_streamed_segment_is_never_taken_back(call: Path) -> None:
    stable: dict[tuple[int, float], str] = {}
    for line in await lines(call, stream=True):
        if line.partial:
            key = (line.channel, line.start)
            assert line.stable.startswith(stable.get(key, ""))
            assert line.text.startswith(line.stable)
            stable[key] = line.stable


@pytest.mark.parametrize("rate", [16_000, 44_100, 11_025])
async def test_other_rates_give_the_same_segments(tmp_path: Path, rate: int) -> None:
    path = tmp_path / "wide.flac"
    soundfile.write(path, resample(LEFT, 8000, rate), rate)
    found = [line async for line in transcribe_files([path], ScriptedEngine([Line("", 0.0, 60.0, "话" * 240)]))]
    assert [line.start for line in found] == [pytest.approx(0.3, abs=0.3), pytest.approx(5.3, abs=0.3)]


async def test_silence_has_no_segments(tmp_path: Path) -> None:
    path = tmp_path / "silence.wav"
    soundfile.write(path, silence(3.0), 8000)
    assert await lines(path) == []
    assert await lines(path, stream=True) == []


async def test_an_unreadable_segment_leaves_the_others(call: Path) -> None:
    engine = script(call)
    engine._unreadable = lambda window: window.start < 16_000
    found = [line.text async for line in transcribe_files([call], engine)]
    assert found == ["请问在哪里", "人民路"]


async def test_a_bad_file_is_refused_before_anything_is_heard(call: Path, tmp_path: Path) -> None:
    engine = script(call)
    with pytest.raises(BadRecording, match=r"nowhere\.wav"):
        [line async for line in transcribe_files([call, tmp_path / "nowhere.wav"], engine)]
    assert engine.asked == []
