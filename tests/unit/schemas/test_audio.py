"""Frames and their log records."""

from __future__ import annotations

import pytest

from schemas.audio import Frame, frame_from, frame_head, frame_key
from schemas.ids import call_id, output_id, utterance_id


def test_a_frame_survives_its_log_record() -> None:
    frame = Frame(
        call="c/1", leg="agent", seq=7, sample_pos=1120, codec="PCMA", rate=8000, data=b"\xd5" * 160, recv_mono=5
    )
    assert frame_from(frame_key(frame.call, frame.leg), frame_head(frame), frame.data) == frame
    assert frame.samples == 160


def test_linear_audio_counts_two_bytes_a_sample() -> None:
    assert (
        Frame(
            call="c", leg="caller", seq=0, sample_pos=0, codec="L16", rate=16000, data=bytes(640), recv_mono=0
        ).samples
        == 320
    )


@pytest.mark.parametrize("key", ["", "c", "c/neighbour"])
def test_a_foreign_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="audio key"):
        frame_from(key, b'[0,0,"PCMA",8000,0]', b"")


def test_ids_derive_from_their_cause() -> None:
    assert call_id("ws", "1") == call_id("ws", "1") != call_id("ws", "2")
    assert output_id("a", "s", 0) != output_id("a", "s", 1)
    assert utterance_id("c", "caller", 0, 10, "m") != utterance_id("c", "agent", 0, 10, "m")
