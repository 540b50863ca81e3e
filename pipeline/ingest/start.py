"""The first message of a source: whatever its dialect, it becomes one Start."""

from __future__ import annotations

from typing import Any, Literal, get_args

import msgspec

from pipeline.ingest.refusal import Refused
from schemas.audio import Codec, Leg

RATES = (8000, 16000)  # Hz
MAX_FIELD = 256  # characters of any text in a start message

_LEGS: tuple[Leg, ...] = get_args(Leg)


class Switch(msgspec.Struct, frozen=True, kw_only=True):
    """A switch that may fork media here, and what its trunks look like."""

    name: str
    token: str
    notice: Literal["ask", "played"] = "ask"  # played: every caller is told before the fork
    stereo: tuple[Leg, Leg] = ("caller", "agent")  # who is in channel 0 and 1 where the start does not say

    def __repr__(self) -> str:
        return f"Switch({self.name!r})"  # never the token


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """What a source said about its call."""

    source: str  # the switch's own call id
    codec: Codec
    rate: int  # Hz
    legs: tuple[Leg, ...]  # in the order of the channels
    notice: bool  # the caller has been told
    ani: str = ""
    dnis: str = ""
    agent: str | None = None
    queue: str = ""
    direction: Literal["in", "out"] = "in"

    @property
    def format(self) -> str:
        return f"{self.codec} {self.rate} Hz {'+'.join(self.legs)}"


def read_object(text: str) -> dict[str, Any]:
    """TEXT → JSON object. Raises Refused."""
    try:
        message = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Refused("bad_text", f"no JSON: {error}") from error
    if not isinstance(message, dict):
        raise Refused("bad_text", "JSON, but no object")
    return message


def read_start(message: dict[str, Any], switch: Switch) -> Start:
    """First message → Start. Ours has `type: start`; mod_audio_fork's and free metadata have an id and no type."""
    kind = message.get("type")
    if kind not in (None, "start"):
        raise Refused("no_start", f"first message is {_shown(kind)}; expected start")
    if message.get("v", 1) != 1:
        raise Refused("bad_start", f"v: version {_shown(message['v'])} is not spoken here, 1 is")
    source = _text(message, "call", "callSid", "call_sid", "uuid", "call_uuid")
    if not source:
        where = "call" if kind else "call (or callSid, uuid)"
        raise Refused("bad_start" if kind else "no_start", f"{where}: the switch's call id is missing")
    direction = _direction(message)
    return Start(
        source=source,
        codec=_codec(message),
        rate=_rate(message),
        legs=_legs(message, switch, direction),
        notice=_notice(message, switch),
        ani=_number(_text(message, "ani", "from")),
        dnis=_number(_text(message, "dnis", "to")),
        agent=_text(message, "agent") or None,
        queue=_text(message, "queue"),
        direction=direction,
    )


def _codec(message: dict[str, Any]) -> Codec:
    codec = message.get("codec", "L16")
    if codec not in ("L16", "PCMA", "PCMU"):
        raise Refused("codec", f"codec: {_shown(codec)} is not served; L16, PCMA, PCMU are")
    return codec


def _rate(message: dict[str, Any]) -> int:
    value = message.get("rate", message.get("sampleRate", 8000))
    if isinstance(value, str) and len(value) <= 6:
        value = {"8k": 8000, "16k": 16000}.get(value, int(value) if value.isdecimal() else value)
    if isinstance(value, bool) or value not in RATES:
        raise Refused("codec", f"rate: {_shown(value)} is not served; 8000 and 16000 are")
    return int(value)


def _legs(message: dict[str, Any], switch: Switch, direction: str) -> tuple[Leg, ...]:
    if "legs" in message:
        legs = message["legs"]
        if not isinstance(legs, list) or not legs or any(leg not in _LEGS for leg in legs):
            raise Refused("codec", f"legs: {_shown(legs)}; expected names out of {', '.join(_LEGS)}")
        if len(legs) > 2 or (len(legs) == 2 and sorted(legs) != ["agent", "caller"]):
            raise Refused("codec", f"legs: {_shown(legs)}; two legs are one caller and one agent")
        return tuple(legs)
    mix = message.get("mixType", message.get("mix", "mono"))
    if mix == "mono":
        return ("caller",)
    if mix == "mixed":
        return ("mixed",)
    if mix == "stereo":
        # on a call-back the hotline dials: the channel that holds the caller on other calls holds the agent
        return switch.stereo if direction == "in" else switch.stereo[::-1]
    raise Refused("codec", f"mixType: {_shown(mix)}; expected mono, mixed or stereo")


def _notice(message: dict[str, Any], switch: Switch) -> bool:
    notice = message.get("notice")
    if notice is None:
        return switch.notice == "played"
    if notice not in ("played", "pending"):
        raise Refused("bad_start", f"notice: {_shown(notice)}; expected played or pending")
    return bool(notice == "played")


def _direction(message: dict[str, Any]) -> Literal["in", "out"]:
    value = message.get("direction", "in")
    if value in ("in", "inbound"):
        return "in"
    if value in ("out", "outbound"):
        return "out"
    raise Refused("bad_start", f"direction: {_shown(value)}; expected in or out")


def _text(message: dict[str, Any], *names: str) -> str:
    for name in names:
        value = message.get(name)
        if value is None or value == "":
            continue
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str) or len(value) > MAX_FIELD or not value.isprintable():
            raise Refused("bad_start", f"{name}: expected a text of at most {MAX_FIELD} characters")
        return value
    return ""


def _number(text: str) -> str:
    """The user part of a SIP or tel address; anything else as it is."""
    scheme, colon, rest = text.partition(":")
    if colon and scheme.lower() in ("sip", "sips", "tel"):
        return rest.partition("@")[0].partition(";")[0]
    return text


def _shown(value: object) -> str:
    return repr(value)[:40]
