"""First messages, as the switches write them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline.ingest.refusal import Refused
from pipeline.ingest.start import Start, Switch, read_object, read_start

SWITCH = Switch(name="fs1", token="t" * 16)
OURS = {"v": 1, "type": "start", "call": "b7c9", "codec": "PCMU", "rate": 8000, "legs": ["agent", "caller"]}


def read(message: dict[str, Any], switch: Switch = SWITCH) -> Start:
    return read_start(read_object(json.dumps(message, ensure_ascii=False)), switch)


def test_our_start_is_read_whole() -> None:
    said = {**OURS, "ani": "13912345678", "dnis": "12345", "agent": "1001", "queue": "市民热线", "notice": "played"}
    assert read(said) == Start(
        source="b7c9",
        codec="PCMU",
        rate=8000,
        legs=("agent", "caller"),
        notice=True,
        ani="13912345678",
        dnis="12345",
        agent="1001",
        queue="市民热线",
    )


def test_mod_audio_fork_metadata_is_a_start() -> None:
    said = {"callSid": "f00d", "sampleRate": 16000, "mixType": "stereo", "from": "0571", "to": "12345", "x": {"y": 1}}
    start = read(said)
    assert (start.source, start.codec, start.rate, start.legs) == ("f00d", "L16", 16000, ("caller", "agent"))
    assert (start.ani, start.dnis, start.agent, start.notice) == ("0571", "12345", None, False)


@pytest.mark.parametrize(
    ("mix", "legs"), [("mono", ("caller",)), ("mixed", ("mixed",)), ("stereo", ("agent", "caller"))]
)
def test_who_is_in_which_channel_is_a_setting_of_the_trunk(mix: str, legs: tuple[str, ...]) -> None:
    switch = Switch(name="fs1", token="t" * 16, stereo=("agent", "caller"))
    assert read({"callSid": "1", "mixType": mix}, switch).legs == legs


def test_a_call_back_reverses_the_channels_of_the_trunk_but_not_named_legs() -> None:
    assert read({"callSid": "1", "mixType": "stereo", "direction": "outbound"}).legs == ("agent", "caller")
    assert read({**OURS, "direction": "out"}).legs == ("agent", "caller")
    assert read({**OURS, "direction": "out"}).direction == "out"


def test_metadata_of_a_dialplan_may_call_the_call_by_its_uuid() -> None:
    start = read({"uuid": "9b1d", "rate": "16k"})
    assert (start.source, start.rate, start.legs) == ("9b1d", 16000, ("caller",))


@pytest.mark.parametrize(
    ("setting", "said", "told"),
    [
        ("ask", None, False),
        ("played", None, True),
        ("ask", "played", True),
        ("played", "pending", False),
    ],
)
def test_notice_is_what_the_start_says_else_what_the_trunk_always_does(
    setting: Any, said: str | None, told: bool
) -> None:
    switch = Switch(name="fs1", token="t" * 16, notice=setting)
    assert read({**OURS, **({"notice": said} if said else {})}, switch).notice is told


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("sip:13912345678@10.0.0.1:5060;user=phone", "13912345678"),
        ("tel:+8657112345;phone-context=x", "+8657112345"),
        ("13912345678", "13912345678"),
        ("anonymous", "anonymous"),
    ],
)
def test_a_calling_number_may_come_as_an_address(said: str, number: str) -> None:
    assert read({"callSid": "1", "from": said}).ani == number


def test_a_number_written_as_a_number_is_a_text() -> None:
    assert read({**OURS, "ani": 13912345678, "agent": 1001}).agent == "1001"


@pytest.mark.parametrize(
    ("change", "reason", "says"),
    [
        ({"codec": "OPUS"}, "codec", "codec: 'OPUS'"),
        ({"codec": 8}, "codec", "codec"),
        ({"codec": ["L16"]}, "codec", "codec"),
        ({"rate": 44100}, "codec", "rate: 44100"),
        ({"rate": "fast"}, "codec", "rate"),
        ({"rate": True}, "codec", "rate"),
        ({"rate": None}, "codec", "rate"),
        ({"rate": [8000]}, "codec", "rate"),
        ({"legs": []}, "codec", "legs"),
        ({"legs": "caller"}, "codec", "legs"),
        ({"legs": ["caller", "caller"]}, "codec", "legs"),
        ({"legs": ["caller", "mixed"]}, "codec", "legs"),
        ({"legs": ["caller", "agent", "mixed"]}, "codec", "legs"),
        ({"legs": [{}]}, "codec", "legs"),
        ({"call": ""}, "bad_start", "call"),
        ({"call": None}, "bad_start", "call"),
        ({"call": {}}, "bad_start", "call"),
        ({"call": "x" * 300}, "bad_start", "call"),
        ({"call": "a\nb"}, "bad_start", "call"),
        ({"ani": ["139"]}, "bad_start", "ani"),
        ({"notice": "maybe"}, "bad_start", "notice"),
        ({"direction": "up"}, "bad_start", "direction"),
        ({"v": 2}, "bad_start", "v: version 2"),
        ({"type": "stop"}, "no_start", "first message is 'stop'"),
        ({"type": 5}, "no_start", "first message"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], reason: str, says: str) -> None:
    with pytest.raises(Refused, match=says) as refused:
        read(OURS | change)
    assert refused.value.reason == reason


def test_metadata_without_a_call_is_no_start() -> None:
    with pytest.raises(Refused) as refused:
        read({"hello": "world"})
    assert refused.value.reason == "no_start"


@pytest.mark.parametrize("text", ["", "hello", "[1]", "null", "5", '"start"', '{"type":', "[" * 60_000, '{"a":NaN}'])
def test_text_that_is_no_json_object_is_bad_text(text: str) -> None:
    with pytest.raises(Refused) as refused:
        read_object(text)
    assert (refused.value.reason, refused.value.code) == ("bad_text", 1007)


def test_a_reason_fits_a_close_frame_whatever_was_sent() -> None:
    with pytest.raises(Refused) as refused:
        read({**OURS, "codec": "编解码器" * 100})
    assert len(refused.value.wire_text.encode()) <= 123


def test_a_switch_never_shows_its_token() -> None:
    assert "tttt" not in repr(SWITCH)
