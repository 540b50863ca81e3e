"""Playing into a real door: logged + gaps = sent, per leg, byte for byte; and what a closed door looks like."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pipeline.audio.g711 import encode
from pipeline.audio.recording import BadRecording
from pipeline.ingest.logged_calls import LoggedCalls
from pipeline.ingest.start import Switch
from pipeline.ingest.switchboard import Limits
from pipeline.ingest.ws_door import WsDoor
from pipeline.log.memory import MemoryLog
from pipeline.play.player import calls_of, play
from pipeline.play.source import PlayedCall, play_call
from schemas.audio import Codec, frame_from
from schemas.calls import CallEnded, CallStarted
from schemas.codec import decode
from schemas.ids import call_id

TOKEN = "token-of-the-player"


@pytest.fixture
def log() -> MemoryLog:
    return MemoryLog()


@pytest.fixture
async def door(log: MemoryLog) -> AsyncIterator[WsDoor]:
    limits = Limits(max_ahead_s=0, linger_s=0.05)
    async with WsDoor(LoggedCalls(log), [Switch(name="player", token=TOKEN)], tenant="t", limits=limits) as door:
        yield door


def recording(folder: Path, seconds: float = 3.0, channels: int = 2, seed: int = 0) -> tuple[Path, np.ndarray]:
    noise = np.random.default_rng(seed).integers(-20000, 20000, (int(8000 * seconds), channels)).astype(np.int16)
    path = folder / f"noise-{seed}.wav"
    soundfile.write(path, noise, 8000)
    return path, noise


async def heard(log: MemoryLog, source: str) -> dict[str, bytes]:
    legs: dict[str, bytes] = {}
    for record in await log.read("audio", 0, 1_000_000):
        frame = frame_from(record.key, record.head, record.value)
        if frame.call == call_id("ws", source):
            legs[frame.leg] = legs.get(frame.leg, b"") + frame.data
    return legs


@pytest.mark.parametrize("codec", ["PCMA", "PCMU", "L16"])
async def test_what_was_sent_is_in_the_log_byte_for_byte(
    tmp_path: Path, door: WsDoor, log: MemoryLog, codec: Codec
) -> None:
    path, pcm = recording(tmp_path)
    call = PlayedCall(path=path, source="s", codec=codec, ani="139", agent="1001", queue="q")
    outcome = await play_call(call, door.url, TOKEN, pace="fast")
    assert (outcome.ok, outcome.sent_s) == (True, 3.0)
    assert await heard(log, "s") == {"caller": encode(codec, pcm[:, 0]), "agent": encode(codec, pcm[:, 1])}
    events = [decode(record.value).body for record in await log.read("calls", 0)]
    assert isinstance(events[0], CallStarted)
    assert (events[0].ani, events[0].agent, events[0].queue, events[0].codec) == ("139", "1001", "q", codec)
    assert events[-1] == CallEnded(
        reason="stopped", samples={"caller": 24000, "agent": 24000}, gaps={"caller": 0, "agent": 0}
    )


async def test_one_channel_is_one_leg(tmp_path: Path, door: WsDoor, log: MemoryLog) -> None:
    path, pcm = recording(tmp_path, channels=1)
    await play_call(PlayedCall(path=path, source="s", mono="caller"), door.url, TOKEN, pace="fast")
    assert await heard(log, "s") == {"caller": encode("PCMA", pcm[:, 0])}


async def test_real_pace_follows_deadlines_and_lateness_never_adds_up(tmp_path: Path, door: WsDoor) -> None:
    path, _ = recording(tmp_path, seconds=60.0)
    now = 0.0
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(seconds)
        now += seconds + (0.05 if len(slept) == 10 else 0.001)  # every sleep overshoots, one badly
        await asyncio.sleep(0)

    outcome = await play_call(PlayedCall(path=path, source="s"), door.url, TOKEN, clock=lambda: now, sleep=sleep)
    assert outcome.ok
    assert abs(now - 60.0) < 0.01
    assert 0.049 < outcome.latest_s < 0.051


async def test_many_calls_go_beside_each_other_files_taken_in_turn(
    tmp_path: Path, door: WsDoor, log: MemoryLog
) -> None:
    files = [recording(tmp_path, seed=n)[0] for n in range(2)]
    calls = calls_of(files, 5)
    assert [call.path for call in calls] == [files[0], files[1], files[0], files[1], files[0]]
    assert len({call.source for call in calls}) == 5
    reported: list[float] = []
    done: list[str] = []
    summary = await play(
        calls,
        door.url,
        TOKEN,
        at_once=3,
        pace="fast",
        progress=lambda call, sent, whole: reported.append(sent / whole),
        done=lambda outcome: done.append(outcome.call.source),
    )
    assert (summary.played, summary.failed, summary.seconds) == (5, [], 15.0)
    assert sorted(done) == sorted(call.source for call in calls)
    assert max(reported) == 1.0
    for call in calls:
        assert {leg: len(data) for leg, data in (await heard(log, call.source)).items()} == {
            "caller": 24000,
            "agent": 24000,
        }


async def test_more_files_than_calls_are_all_played_once(tmp_path: Path) -> None:
    files = [tmp_path / f"{n}.wav" for n in range(4)]
    assert [call.path for call in calls_of(files, 2)] == files
    assert calls_of([], 2) == []


async def test_a_door_that_does_not_know_the_token_is_quoted(tmp_path: Path, door: WsDoor) -> None:
    path, _ = recording(tmp_path)
    outcome = await play_call(PlayedCall(path=path, source="s"), door.url, "wrong" * 4, pace="fast")
    assert outcome.error == "the door answered 401: no switch with this token"


async def test_a_door_that_closes_is_quoted_with_its_code(tmp_path: Path, door: WsDoor) -> None:
    path, _ = recording(tmp_path)
    for expected in ("", "the door closed with 4409: this call has ended"):
        outcome = await play_call(PlayedCall(path=path, source="s"), door.url, TOKEN, pace="fast")
        assert outcome.error == expected


async def test_no_door_at_all_is_an_outcome_not_a_crash(tmp_path: Path) -> None:
    path, _ = recording(tmp_path)
    outcome = await play_call(PlayedCall(path=path, source="s"), "ws://127.0.0.1:9/", TOKEN, pace="fast")
    assert outcome.error.startswith("no door at ws://127.0.0.1:9/")


async def test_a_missing_recording_is_named_before_anything_is_sent(tmp_path: Path, door: WsDoor) -> None:
    with pytest.raises(BadRecording, match=r"nothing\.wav"):
        await play_call(PlayedCall(path=tmp_path / "nothing.wav", source="s"), door.url, TOKEN)
    assert door.stats().begun == 0


def test_the_start_message_says_only_what_is_known() -> None:
    call = PlayedCall(path=Path("a.wav"), source="s", notice=None, dnis="")
    assert call.start(2) == {
        "v": 1,
        "type": "start",
        "call": "s",
        "codec": "PCMA",
        "rate": 8000,
        "legs": ["caller", "agent"],
        "direction": "in",
    }
    assert call.start(1)["legs"] == ["mixed"]
