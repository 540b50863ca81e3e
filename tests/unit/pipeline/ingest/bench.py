"""A switchboard on a bench: a virtual clock, sessions without sockets, and what the calls would write."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any, TypeVar

from pipeline.ingest.live_call import LiveCall
from pipeline.ingest.moment import Moment
from pipeline.ingest.past import Past
from pipeline.ingest.session import Session
from pipeline.ingest.start import Switch
from pipeline.ingest.switchboard import Limits, Switchboard
from schemas.audio import Frame, frame_from
from schemas.event import Body

T = TypeVar("T")
SWITCH = Switch(name="fs1", token="t" * 16)


def start_message(**fields: Any) -> str:
    """Our start message, 8 kHz A-law stereo unless said otherwise."""
    plain = {
        "v": 1,
        "type": "start",
        "call": "src-1",
        "codec": "PCMA",
        "rate": 8000,
        "legs": ["caller", "agent"],
        "ani": "13912345678",
        "dnis": "12345",
        "agent": "1001",
        "queue": "general",
        "notice": "played",
    }
    merged = plain | fields
    return json.dumps({name: value for name, value in merged.items() if value is not None}, ensure_ascii=False)


class Bench:
    """Moves the clock, sends messages, keeps what was written."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.now = Moment.at(100.0)
        self.board = Switchboard(door="ws", tenant="yunlan", limits=limits or Limits())
        self.bodies: list[Body] = []
        self.frames: list[Frame] = []

    def pass_s(self, seconds: float, tick: bool = True) -> None:
        self.now = Moment.at(self.now.mono / 1e9 + seconds)
        if tick:
            self.board.tick(self.now)
            self.collect()

    def session(self, switch: Switch = SWITCH) -> Session:
        return Session(self.board, switch, self.now)

    def started(self, past: Past | None = None, switch: Switch = SWITCH, **fields: Any) -> Session:
        """A session that has its call."""
        session = self.session(switch)
        start = session.text(start_message(**fields), self.now)
        assert start is not None
        session.seated(start, past or Past(), self.now)
        self.collect()
        return session

    def say(self, session: Session, kind: str, **fields: Any) -> None:
        session.text(json.dumps({"type": kind, **fields}), self.now)
        self.collect()

    def hear(self, session: Session, data: bytes) -> float:
        wait = session.binary(data, self.now)
        self.collect()
        return wait

    def stream(self, session: Session, seconds: float, message: bytes, message_s: float = 0.02) -> None:
        """Audio in real time; the clock stands at the end of each message when it comes."""
        for _ in range(round(seconds / message_s)):
            self.pass_s(message_s, tick=False)
            self.hear(session, message)

    def collect(self) -> None:
        for call in self.board.calls.values():
            self._take(call)
        for call in [call for call in self.board.calls.values() if call.ended]:
            self.board.forget(call)

    def _take(self, call: LiveCall) -> None:
        while call.outbox:
            write = call.outbox.popleft()
            call.begun = True
            if write.frame is not None:
                assert frame_from(write.key, write.head, write.value) == write.frame
                self.frames.append(write.frame)
            elif write.event is not None:
                self.bodies.append(write.event.body)

    def of(self, kind: type[T]) -> list[T]:
        return [body for body in self.bodies if isinstance(body, kind)]

    def audio(self) -> dict[str, bytes]:
        """Leg → what is in the log, in order of seq."""
        legs: dict[str, bytes] = defaultdict(bytes)
        for frame in sorted(self.frames, key=lambda frame: (frame.leg, frame.seq)):
            legs[frame.leg] += frame.data
        return dict(legs)
