"""One connection of a source, as a protocol: messages and time in, refusals and waits out. No socket in sight."""

from __future__ import annotations

from collections import Counter, deque
from typing import Literal

from pipeline.ingest.control import read_control
from pipeline.ingest.live_call import LiveCall
from pipeline.ingest.moment import Moment
from pipeline.ingest.past import Past
from pipeline.ingest.refusal import Refused
from pipeline.ingest.start import Start, Switch, read_object, read_start
from pipeline.ingest.switchboard import Switchboard

Dropped = Literal["before_start", "after_stop", "malformed", "unknown_message"]


class Session:
    """Awaits a start, then takes audio and control until the stop. Raises Refused where the source must be closed.

    `text` returns a Start when one was read: the caller looks up the call's past and answers with `seated`.
    """

    def __init__(self, board: Switchboard, switch: Switch, now: Moment, *, empty_ends: bool = False) -> None:
        self.call: LiveCall | None = None
        self.dropped: Counter[Dropped] = Counter()  # messages
        self.early: deque[tuple[str | bytes, Moment]] = deque()  # came while the call's past was looked up
        self.evicted: Refused | None = None
        self.dismissed = False  # its closing has begun
        self._board = board
        self._switch = switch
        self._empty_ends = empty_ends  # an empty BINARY message says goodbye, as mod_audio_fork's does
        self._begun_at = now.mono
        self._stopped_at: int | None = None
        self._malformed: deque[int] = deque(maxlen=board.limits.malformed)  # mono ns

    def text(self, text: str, now: Moment) -> Start | None:
        """A TEXT message."""
        self._check_evicted()
        try:
            message = read_object(text)
            if self.call is None:
                return read_start(message, self._switch)
            if message.get("type") == "start":
                raise Refused("bad_start", "start: this connection has its call already")
        except Refused as refused:
            if self.call is not None and self._stopped_at is None:
                self.call.park(text, refused.text, now)
            raise
        control = read_control(message)
        if control is None or self._stopped_at is not None:
            self.dropped["after_stop" if self._stopped_at is not None else "unknown_message"] += 1
        else:
            self.call.control(control, now)
            if control.kind == "stop":
                self._stopped_at = now.mono
        return None

    def seated(self, start: Start, past: Past, now: Moment) -> LiveCall:
        """The past of the call is known: takes the seat."""
        self.call = self._board.seat(start, self._switch.name, self, past, now)
        return self.call

    def binary(self, data: bytes, now: Moment) -> float:
        """A BINARY message; returns the seconds to wait before the next one is read."""
        self._check_evicted()
        call = self.call
        if call is None or self._stopped_at is not None:
            self.dropped["before_start" if call is None else "after_stop"] += 1
            self.check(now)
            return 0.0
        if not data:
            if self._empty_ends:
                call.end("stopped", now)
                self._stopped_at = now.mono
            return 0.0
        if not call.is_whole(data):
            self._count_malformed(call, data, now)
            return 0.0
        ahead = call.audio(data, now)
        limit = self._board.limits.max_ahead_s
        return max(0.0, ahead - limit) if limit else 0.0

    def check(self, now: Moment) -> None:
        """Raises Refused when the source was evicted, is too slow to start, or lingers after its stop."""
        self._check_evicted()
        if (deadline := self.deadline) is not None and now.s >= deadline:
            if self._stopped_at is not None:
                raise Refused("stopped", "the call has ended")
            raise Refused("no_start", f"no start message within {self._board.limits.start_s:g} s")

    @property
    def deadline(self) -> float | None:
        """Monotonic seconds at which `check` has something to say, if nothing comes before."""
        if self._stopped_at is not None:
            return self._stopped_at / 1e9 + self._board.limits.linger_s
        if self.call is None:
            return self._begun_at / 1e9 + self._board.limits.start_s
        return None

    def closed(self, clean: bool, now: Moment) -> None:
        """The connection has ended."""
        if self.call is not None:
            self._board.gone(self.call, self, clean, now)

    def evict(self, refused: Refused) -> None:
        self.evicted = refused

    def _check_evicted(self) -> None:
        if self.evicted is not None:  # not one more sample of this source: another one feeds the call
            raise self.evicted

    def _count_malformed(self, call: LiveCall, data: bytes, now: Moment) -> None:
        self.dropped["malformed"] += 1
        call.malformed(data, now)
        self._malformed.append(now.mono)
        full = len(self._malformed) == self._malformed.maxlen
        if full and now.mono - self._malformed[0] <= 1_000_000_000:
            raise Refused("malformed", f"{len(self._malformed)} messages in 1 s end within a sample")
