"""The shipped sample calls: recording, transcript, reference and city pack say the same thing."""

from __future__ import annotations

import itertools
import json
import re
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest
import soundfile

import pipeline.samples
import routing
from pipeline.samples.render import LEGS, lay_out, on_lines
from pipeline.samples.script import Sample, Script, ScriptError, Speaker, Turn, read_sample, read_scripts
from pipeline.voices.styles import HELD_OUT

HERE = Path(pipeline.samples.__file__).parent
SCRIPTS = {script.name: script for script in read_scripts(HERE / "scripts")}
NAMES = sorted(SCRIPTS)
PACK = Path(routing.__file__).parent / "cities" / "yunlan"


def codes(name: str) -> dict[str, dict[str, str]]:
    return {row["code"]: row for row in map(json.loads, (PACK / f"{name}.jsonl").read_text("utf-8").splitlines())}


@lru_cache(maxsize=16)
def sample(name: str) -> Sample:
    return read_sample(HERE / "calls" / f"{name}.json")


@lru_cache(maxsize=4)
def recording(name: str) -> np.ndarray:
    samples, _ = soundfile.read(HERE / "calls" / f"{name}.wav", dtype="float32")
    return samples


def test_there_are_enough_calls_and_they_stay_small() -> None:
    files = list((HERE / "calls").glob("*.wav"))
    assert len(files) >= 8
    assert sum(path.stat().st_size for path in (HERE / "calls").iterdir()) <= 12_000_000
    assert sorted(path.stem for path in files) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_is_a_telephone_call_of_the_stated_length(name: str) -> None:
    info = soundfile.info(HERE / "calls" / f"{name}.wav")
    assert (info.samplerate, info.channels, info.subtype) == (8000, 2, "ALAW")
    assert info.duration == pytest.approx(sample(name).seconds, abs=0.02)
    assert 30 <= info.duration <= 120
    assert sample(name).legs == list(LEGS)


@pytest.mark.parametrize("name", NAMES)
def test_each_turn_sounds_on_its_own_channel_when_the_transcript_says_so(name: str) -> None:
    heard = recording(name)
    for turn in sample(name).turns:
        channel = LEGS.index(turn.leg)
        part = heard[int(turn.start * 8000) : int(turn.end * 8000)]
        assert 0 <= turn.start < turn.end <= sample(name).seconds
        own, other = np.sqrt(np.mean(part**2, axis=0))[[channel, 1 - channel]]
        overlapped = any(
            rest.leg != turn.leg and rest.start < turn.end and turn.start < rest.end for rest in sample(name).turns
        )
        assert own > 0.01, turn.text
        assert overlapped or own > 1.5 * other, turn.text


@pytest.mark.parametrize("name", NAMES)
def test_the_transcript_is_the_script_and_the_reference_stands_in_the_pack(name: str) -> None:
    script, made = SCRIPTS[name], sample(name)
    assert [turn.text for turn in made.turns] == [turn.words for turn in script.turns]
    assert made.reference == script.reference
    places, units, categories = codes("places"), codes("units"), codes("categories")
    for matter in made.reference.matters:
        assert matter.lead_unit in units if made.reference.accepted else matter.lead_unit == ""
        assert not matter.category or categories[matter.category]["level"] == 3
        assert not matter.street or places[matter.street]["parent"] == matter.district
        assert not matter.place or places[matter.place]["parent"] == matter.street


@pytest.mark.parametrize("name", NAMES)
def test_the_agent_greets_and_tells_that_a_machine_writes_along(name: str) -> None:
    first = sample(name).turns[0]
    assert first.leg == "agent"
    assert "智能助手" in first.text


def test_a_spoken_phone_number_ends_up_as_the_reference_has_it() -> None:
    digits = str.maketrans("零幺一二三四五六七八九", "01123456789")
    for name in NAMES:
        said = re.sub("[，。]", "", "".join(turn.text for turn in sample(name).turns)).translate(digits)
        phone = sample(name).reference.contact_phone
        if "0588" in said:  # a number is dictated
            assert phone[-4:] in said, name


def test_the_calls_hold_what_makes_calls_hard() -> None:
    turns = [sample(name).turns for name in NAMES]
    overlaps = sum(any(b.start < a.end and a.leg != b.leg for a, b in itertools.pairwise(t)) for t in turns)
    assert overlaps >= 6
    assert sum("不对" in turn.text or "说错" in turn.text or "不是，" in turn.text for t in turns for turn in t) >= 3
    assert sum("嗯，" in turn.text or "那个，" in turn.text for t in turns for turn in t) >= 6
    voices = [set(script.caller.voice) & set(HELD_OUT) for script in SCRIPTS.values()]
    assert sum(map(bool, voices)) >= 4, "most callers should have voices the ear was never trained on"
    for script in SCRIPTS.values():
        assert set(script.caller.voice) != set(script.agent.voice)


def toy_script(turns: list[Turn]) -> Script:
    base = SCRIPTS[NAMES[0]]
    return Script("t", "t", "1", 1, Speaker({"a": 1.0}), Speaker({"b": 1.0}), turns, base.reference)


def say(text: str, speaker: Speaker, speed: float) -> np.ndarray:
    return np.full(int(8000 * 0.1 * len(text)), 0.3, np.float32)


def test_a_negative_gap_talks_into_the_other_side_and_a_pause_is_silent() -> None:
    clean, turns = lay_out(
        toy_script([Turn("agent", "十个字十个字十个字十", 0.0), Turn("caller", "四个[0.5]字呀", -0.4)]), say
    )
    assert turns[1].start == pytest.approx(turns[0].end - 0.4, abs=0.02)
    assert turns[1].end - turns[1].start == pytest.approx(0.9, abs=0.02)
    assert turns[1].text == "四个字呀"
    middle = int((turns[1].start + 0.45) * 8000)
    assert clean[0, middle] == 0.0


def test_the_other_side_leaks_in_faintly() -> None:
    script = toy_script([Turn("agent", "十个字十个字十个字十", 0.0)])
    clean, turns = lay_out(script, lambda *_: (0.3 * np.sin(np.arange(8000) * 0.6)).astype(np.float32))
    lines = on_lines(clean, script)
    part = slice(int((turns[0].start + 0.2) * 8000), int((turns[0].end - 0.2) * 8000))
    ratio = 20 * np.log10(np.std(lines[0, part]) / np.std(lines[1, part]))
    assert -52 < ratio < -38


def test_a_script_with_a_wrong_field_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"name": "x"}')
    with pytest.raises(ScriptError, match=r"x\.json"):
        read_scripts(tmp_path)
