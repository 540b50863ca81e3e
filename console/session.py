"""The desk session: one per websocket. Requests, pushed rows, partials and time come in; frames and asks go out.

Sans-I/O: it holds no socket, no store and no clock. `now` is monotonic seconds, `wall` UTC ISO text for frames.
The caller carries out every ask of `take_asks()` and reports back, sends what `take()` gives, and closes the
socket once `closing` is set.
"""

from __future__ import annotations

import itertools
from collections import deque
from typing import Any, get_args

import msgspec

from console.following import Following, Recover
from console.outbox import Outbox
from console.ports import PushRow
from schemas.audio import Leg
from schemas.commands import Actor
from schemas.desk import AnyRequest, Authenticate, Beat, Hello, Leave, Left, Partial, Pushed, Recovered, Resume

AUTH_WITHIN_S = 10.0  # first message after the handshake
VALIDATE_EVERY_S = 3.0  # rights of the sign-in are asked anew; with the tick this stays under 5 s
UNKNOWN_AFTER_S = 60.0  # no answer about the sign-in for this long: the socket is closed, never left open
BEAT_EVERY_S = 15.0
RECHECK_EVERY_S = 60.0  # rights and position of each followed stream
REQUESTS_PER_MINUTE = 100
MAX_STREAMS = 32
LEGS = get_args(Leg)

_decode = msgspec.json.Decoder(AnyRequest).decode
encode = msgspec.json.Encoder().encode


class Redeem(msgspec.Struct, frozen=True):
    """Ask: whose one-time ticket is this? Answer: `authenticated` or `not_authenticated`."""

    ticket: str


class Validate(msgspec.Struct, frozen=True):
    """Ask: is the sign-in still good, and with which role? Answer: `validated`, or `unanswered` when unknown."""


class Close(msgspec.Struct, frozen=True):
    """The socket is to be closed with this code."""

    code: int
    reason: str = ""


Ask = Redeem | Validate | Recover


def pushed_frame(row: PushRow) -> bytes:
    """A row as it goes over the wire; made once for all sessions."""
    return encode(
        Pushed(stream=row.stream, epoch=row.epoch, offset=row.offset, kind=row.kind, data=row.data)  # type: ignore[arg-type]
    )


class DeskSession:
    """Promise: per stream, rows arrive once, in order and without a hole, or the page is told to take a snapshot.

    Nothing is sent before the ticket is redeemed, nothing of a stream before the right to it is known.
    """

    def __init__(self, now: float, outbox: Outbox | None = None) -> None:
        self.actor: Actor | None = None
        self.closing: Close | None = None
        self._out = outbox or Outbox()
        self._streams: dict[str, Following] = {}
        self._asks: list[Ask] = []
        self._numbers = itertools.count(1)
        self._requests: deque[float] = deque(maxlen=REQUESTS_PER_MINUTE)
        self._heard: dict[tuple[str, str], float] = {}  # call, leg → end of its newest final, seconds
        self._opened = now
        self._redeeming = False
        self._known = now  # when the sign-in was last seen good
        self._asked = now  # when it was last asked for
        self._beaten = now

    # what the caller takes

    def take(self) -> bytes | None:
        """The next frame for the socket."""
        if self.closing is not None:
            return None
        data = self._out.take()
        self._pump()
        return data if data is not None else self._out.take()

    def take_asks(self) -> list[Ask]:
        asks, self._asks = self._asks, []
        return asks if self.closing is None else []

    def follows(self, stream: str) -> bool:
        return stream in self._streams

    # the page speaks

    def received(self, text: str | bytes, now: float) -> None:
        """One message of the page."""
        if self.closing is not None:
            return
        if len(self._requests) == REQUESTS_PER_MINUTE and now - self._requests[0] < 60.0:
            return self.close(4013, "too many messages")
        self._requests.append(now)
        try:
            request = _decode(text)
        except msgspec.DecodeError as error:
            return self.close(1008, f"not understood: {error}")
        match request:
            case Authenticate(ticket=ticket):
                if self.actor is not None or self._redeeming:
                    return self.close(1008, "already signed in")
                self._redeeming = True
                self._asks.append(Redeem(ticket))
            case _ if self.actor is None:
                self.close(4401, "the first message is the ticket")
            case Resume(stream=stream, epoch=epoch, offset=offset):
                self._resume(stream, epoch, offset, now)
            case Leave(stream=stream):
                self._drop(stream, "asked")

    def _resume(self, stream: str, epoch: str, offset: int, now: float) -> None:
        if stream not in self._streams and len(self._streams) >= MAX_STREAMS:
            return self._send(Left(stream=stream, reason="too_many"))
        self._streams[stream] = following = Following(stream, epoch, offset, now, self._numbers)
        self._asks.append(following.ask(announce=True))

    # answers to asks

    def authenticated(self, actor: Actor, streams: tuple[str, ...], now: float, wall: str) -> None:
        """The ticket was good."""
        if self.closing is None:
            self.actor, self._known, self._asked = actor, now, now
            self._send(Hello(user=actor.user, role=actor.role, streams=streams, now=wall))

    def not_authenticated(self) -> None:
        self.close(4401, "the ticket is not good")

    def validated(self, actor: Actor | None, now: float) -> None:
        """What the sign-in is worth now."""
        if actor is None:
            self.close(4401, "signed out")
        elif self.actor is None or (actor.user, actor.role) != (self.actor.user, self.actor.role):
            self.close(4403, "role changed")
        else:
            self.actor, self._known = actor, now

    def recovered(self, ask: Recover, rows: list[PushRow]) -> None:
        """The rows missed, whole."""
        following = self._streams.get(ask.stream)
        if following is None or not following.answers(ask):
            return
        if ask.announce:
            self._send(Recovered(stream=ask.stream, recovered=True, epoch=ask.epoch, offset=ask.offset))
        following.catch_up(rows)
        self._pump()

    def lost(self, ask: Recover, epoch: str, offset: int) -> None:
        """The rows missed can't be given: the page takes a snapshot and goes on from here."""
        following = self._streams.get(ask.stream)
        if following is None or not following.answers(ask):
            return
        self._send(Recovered(stream=ask.stream, recovered=False, epoch=epoch, offset=offset))
        following.restart(epoch, offset)
        self._pump()

    def refused(self, ask: Recover) -> None:
        """No right to the stream."""
        following = self._streams.get(ask.stream)
        if following is not None and following.answers(ask):
            self._drop(ask.stream, "forbidden")

    def unanswered(self, ask: Ask) -> None:
        """The store did not answer; the ask is made again at a later tick."""
        if isinstance(ask, Redeem):
            self.close(1012, "the store does not answer")
        elif isinstance(ask, Recover) and (following := self._streams.get(ask.stream)) and following.answers(ask):
            following.retry = ask

    # the house speaks

    def row(self, row: PushRow, frame: bytes) -> None:
        """A row of some stream, in the order of its stream."""
        following = self._streams.get(row.stream)
        if following is None or self.closing is not None:
            return
        if self._right_may_have_ended(row):
            following.granted = False
        elif following.takes(row):
            self._put_row(row, frame)
            return following.sent(row)
        if (ask := following.behind(row)) is not None:
            self._asks.append(ask)

    def partial(self, partial: Partial, frame: bytes) -> None:
        """Text still being spoken."""
        following = self._streams.get(f"call:{partial.call}")
        if following is None or not following.granted or self.closing is not None:
            return
        key = (partial.call, partial.leg)
        if partial.start_s < self._heard.get(key, -1.0):
            return  # its final text is already on the way
        if not self._out.put_partial(key, frame, partial.start_s):
            self.close(4008, "slow")

    def tick(self, now: float, wall: str) -> None:
        """Time passes; call about once a second."""
        if self.closing is not None:
            return
        if self.actor is None:
            if now - self._opened > AUTH_WITHIN_S:
                self.close(4401, "no ticket in time")
            return
        if now - self._known > UNKNOWN_AFTER_S:
            return self.close(1012, "the sign-in can't be checked")
        if now - self._asked >= VALIDATE_EVERY_S:
            self._asked = now
            self._asks.append(Validate())
        for following in self._streams.values():
            if (ask := following.due(now, RECHECK_EVERY_S)) is not None:
                self._asks.append(ask)
        if now - self._beaten >= BEAT_EVERY_S:
            self._beaten = now
            self._send(Beat(now=wall, offsets={s.stream: s.offset for s in self._streams.values() if s.granted}))

    def close(self, code: int, reason: str = "") -> None:
        """The first reason to close stands."""
        if self.closing is None:
            self.closing = Close(code, reason)

    # inside

    def _pump(self) -> None:
        for following in self._streams.values():
            while following.backlog and self.closing is None and self._out.roomy(b""):
                row = following.backlog[0]
                if not self._out.roomy(frame := pushed_frame(row)):
                    break  # the rest goes out at the pace the socket takes it
                following.backlog.popleft()
                self._put_row(row, frame)
                following.sent(row)
            if (ask := following.settle()) is not None:
                self._asks.append(ask)

    def _put_row(self, row: PushRow, frame: bytes) -> None:
        if row.kind == "utterance" and row.stream.startswith("call:"):
            key, end_s = (row.stream.removeprefix("call:"), row.data["leg"]), float(row.data["end_s"])
            self._heard[key] = max(end_s, self._heard.get(key, -1.0))
            self._out.drop_partial(key, end_s)
        if not self._out.put(frame):
            self.close(4008, "slow")

    def _right_may_have_ended(self, row: PushRow) -> bool:
        """The call went to another agent's desk: the right is asked anew before anything more is sent."""
        if row.kind != "call" or not row.stream.startswith("call:") or self.actor is None or self.actor.role != "agent":
            return False
        return row.data["agent"] not in ("", self.actor.user)

    def _drop(self, stream: str, reason: Any) -> None:
        self._streams.pop(stream, None)
        for leg in LEGS:
            self._heard.pop((stream.removeprefix("call:"), leg), None)
        self._send(Left(stream=stream, reason=reason))

    def _send(self, frame: msgspec.Struct) -> None:
        if self.closing is None and not self._out.put(encode(frame)):
            self.close(4008, "slow")
