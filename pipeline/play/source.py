"""One call as its switch plays it into a door: start message, audio at the pace of the clock, stop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Literal

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from pipeline.audio.recording import inspect
from pipeline.play.message import MESSAGE_S, messages
from schemas.audio import BYTES_PER_SAMPLE, Codec, Leg

STOP_S = 120.0  # seconds a door that is behind may take to come to the stop
Pace = Literal["real", "fast"]


class PlayedCall(msgspec.Struct, frozen=True, kw_only=True):
    """What the switch knows of a call."""

    path: Path
    source: str  # the switch's call id
    ani: str = ""
    dnis: str = "12345"
    agent: str | None = None
    queue: str = ""
    direction: Literal["in", "out"] = "in"
    notice: Literal["played", "pending"] | None = "played"  # None = as the door's setting says
    codec: Codec = "PCMA"
    rate: int = 8000  # Hz
    legs: tuple[Leg, Leg] = ("caller", "agent")  # of channels 0 and 1; one channel alone is `mono`
    mono: Leg = "mixed"

    def start(self, channels: int) -> dict[str, Any]:
        """The start message."""
        fields: dict[str, Any] = {
            "v": 1,
            "type": "start",
            "call": self.source,
            "codec": self.codec,
            "rate": self.rate,
            "legs": list(self.legs) if channels == 2 else [self.mono],
            "direction": self.direction,
        }
        optional = {"ani": self.ani, "dnis": self.dnis, "agent": self.agent, "queue": self.queue, "notice": self.notice}
        return fields | {name: value for name, value in optional.items() if value}


class Outcome(msgspec.Struct, kw_only=True):
    """How playing a call went."""

    call: PlayedCall
    seconds: float = 0.0  # of the recording
    sent_s: float = 0.0  # seconds of audio sent
    sent_bytes: int = 0
    latest_s: float = 0.0  # most a message was sent after its time, at pace `real`
    error: str = ""  # empty = played to the end

    @property
    def ok(self) -> bool:
        return not self.error


async def play_call(
    call: PlayedCall,
    url: str,
    token: str,
    *,
    pace: Pace = "real",
    on_sent: Callable[[PlayedCall, float, float], None] = lambda call, sent, whole: None,  # seconds
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Outcome:
    """Never raises for what the door or the network does: the outcome tells. Raises BadRecording."""
    recording = inspect(call.path)
    outcome = Outcome(call=call, seconds=recording.seconds)
    try:
        async with connect(
            url,
            additional_headers={"Authorization": f"Bearer {token}"},
            compression=None,
            user_agent_header=None,
            ping_timeout=None,  # a door that is behind answers no pings either
            proxy=None,
        ) as socket:
            await socket.send(msgspec.json.encode(call.start(recording.channels)).decode())
            await _send_audio(socket, call, recording.channels, pace, outcome, on_sent, clock, sleep)
            await socket.send('{"type":"stop"}')
            await _door_has_read(socket)
    except InvalidStatus as error:
        status = error.response.status_code
        outcome.error = f"the door answered {status}: {(error.response.body or b'').decode(errors='replace').strip()}"
    except ConnectionClosed as error:
        frame = error.rcvd
        outcome.error = f"the door closed with {frame.code}: {frame.reason}" if frame else "the connection was lost"
    except (OSError, InvalidHandshake, TimeoutError) as error:
        outcome.error = f"no door at {url}: {error}"
    return outcome


async def _door_has_read(socket: ClientConnection) -> None:
    """The door closes when it has come to the stop: everything before it is then accepted, or listed as a gap."""
    try:
        async with asyncio.timeout(STOP_S):
            async for _ in socket:
                pass  # a door has nothing to say that a switch would act on
    except TimeoutError:
        return  # another kind of door: leaves the closing to us


async def _send_audio(
    socket: ClientConnection,
    call: PlayedCall,
    channels: int,
    pace: Pace,
    outcome: Outcome,
    on_sent: Callable[[PlayedCall, float, float], None],
    clock: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]],
) -> None:
    second = BYTES_PER_SAMPLE[call.codec] * call.rate * channels  # bytes
    begun = clock()
    reported = 0.0
    for n, message in enumerate(messages(call.path, call.codec, call.rate), start=1):
        if pace == "real":  # a message is sent when its last sample would have been spoken; lateness never adds up
            due = begun + n * MESSAGE_S
            if (early := due - clock()) > 0:
                await sleep(early)
            outcome.latest_s = max(outcome.latest_s, clock() - due)
        await socket.send(message)
        outcome.sent_bytes += len(message)
        outcome.sent_s = outcome.sent_bytes / second
        if outcome.sent_s - reported >= 0.2:
            reported = outcome.sent_s
            on_sent(call, outcome.sent_s, outcome.seconds)
    on_sent(call, outcome.sent_s, outcome.seconds)
