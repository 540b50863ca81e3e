"""The world around one desk session: a clock, the store's rows, and what the browser was sent."""

from __future__ import annotations

from typing import Any

import msgspec

from console.outbox import Outbox
from console.ports import PushRow
from console.session import DeskSession, encode, pushed_frame
from schemas.commands import Actor
from schemas.desk import Partial

WALL = "2026-11-21T02:00:00.000Z"
WANG = Actor(user="u-wang", login="wang", name="王先生", role="agent")
CALL = "call:c-1"


def row(offset: int, stream: str = CALL, epoch: str = "e1", kind: str = "degraded", data: Any = None) -> PushRow:
    return PushRow(row=offset, stream=stream, epoch=epoch, offset=offset, kind=kind, data=data or {"flags": []}, at=0.0)


def utterance(offset: int, end_s: float, leg: str = "caller") -> PushRow:
    return row(offset, kind="utterance", data={"leg": leg, "end_s": end_s, "text": "好"})


def partial(start_s: float, text: str, rev: int = 1) -> Partial:
    return Partial(call="c-1", leg="caller", segment="s", rev=rev, start_s=start_s, stable=text, unstable="")


class Desk:
    """A session and the world around it: rows as the store holds them, a clock, and what the browser was sent."""

    def __init__(self, signed_in: bool = True, outbox: Outbox | None = None) -> None:
        self.session = DeskSession(0.0, outbox)
        self.now = 0.0
        if signed_in:
            self.say(t="auth", ticket="good")
            self.session.take_asks()
            self.session.authenticated(WANG, ("queue",), self.now, WALL)
            assert self.frames()[0]["t"] == "hello"

    def say(self, **body: Any) -> None:
        self.session.received(msgspec.json.encode(body), self.now)

    def frames(self) -> list[dict[str, Any]]:
        return [msgspec.json.decode(data) for data in iter(self.session.take, None)]

    def ask(self) -> Any:
        (only,) = self.session.take_asks()
        return only

    def push(self, *rows: PushRow) -> None:
        for one in rows:
            self.session.row(one, pushed_frame(one))

    def partial(self, said: Partial) -> None:
        self.session.partial(said, encode(said))

    def follow(self, offset: int = 0, stream: str = CALL) -> None:
        self.say(t="resume", stream=stream, epoch="e1", offset=offset)
        self.session.recovered(self.ask(), [])
        assert self.frames()[-1]["t"] == "recovered"

    def code(self) -> int | None:
        return self.session.closing.code if self.session.closing else None


def offsets(frames: list[dict[str, Any]]) -> list[int]:
    return [f["offset"] for f in frames if f["t"] == "pushed"]
