"""All live calls of a door, and who may feed which: admission, takeover, grace, limits. No socket, no clock."""

from __future__ import annotations

from typing import Protocol

import msgspec

from pipeline.ingest.live_call import LiveCall
from pipeline.ingest.moment import Moment
from pipeline.ingest.past import Past
from pipeline.ingest.refusal import Refused
from pipeline.ingest.start import Start
from schemas.calls import CallStarted
from schemas.ids import call_id

REMEMBERED = 10_000  # ended calls known without a look at the log


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a door bears with; seconds unless said otherwise."""

    max_calls: int = 200  # sources at once
    max_ahead_s: float = 5.0  # a source may run ahead of real time by this; 0 = no limit
    start_s: float = 5.0  # for the start message
    takeover_s: float = 2.0  # of silence after which another source may take a call over
    grace_s: float = 10.0  # after a lost connection, for the source to come back
    silent_s: float = 120.0  # without any audio, call neither paused nor held: the call ends
    max_call_s: float = 6 * 3600.0
    linger_s: float = 0.5  # after stop, for the source to hang up by itself
    malformed: int = 10  # messages within one second that end the connection
    max_message: int = 64 << 10  # bytes; mod_audio_fork needs its whole buffer: 320 KiB for 5 s of 16 kHz stereo
    patience_s: float = 2.0  # for a log that takes nothing, before the source is refused


class Feeder(Protocol):
    """A source's connection, as the switchboard knows it."""

    def evict(self, refused: Refused) -> None:
        """The call goes on without this source."""


class Switchboard:
    """A call has at most one source at a time, is never two calls, and ends exactly once."""

    def __init__(self, *, door: str, tenant: str, limits: Limits) -> None:
        self.calls: dict[str, LiveCall] = {}
        self.limits = limits
        self.door = door
        self._tenant = tenant
        self._feeders: dict[str, Feeder] = {}
        self._ended: dict[str, None] = {}  # newest last

    def call_id(self, start: Start) -> str:
        return call_id(self.door, start.source)

    def seat(self, start: Start, switch: str, feeder: Feeder, past: Past, now: Moment) -> LiveCall:
        """Gives the source its call: new, gone on with, or taken over. Raises Refused."""
        id = self.call_id(start)
        call = self.calls.get(id)
        if past.ended or id in self._ended or (call is not None and call.ended):
            raise Refused("ended", "this call has ended")
        if call is None and past.started is not None:
            call = self.adopt(id, past.started, past, now)
        if call is None:
            call = LiveCall(id, start, door=self.door, switch=switch, tenant=self._tenant, now=now)
            call.begin(now)
            self.calls[id] = call
        else:
            self._check_rejoin(call, start, switch, now)
            self._evict(id, Refused("taken_over", "another source took this call over"))
            call.flush(now)
            call.join(start, now)
        self._feeders[id] = feeder
        return call

    def adopt(self, id: str, started: CallStarted, past: Past, now: Moment) -> LiveCall:
        """A call of an earlier life of this door: waits for its source, as if the connection had just been lost."""
        start = Start(
            source=started.source, codec=started.codec, rate=started.rate, legs=started.legs, notice=past.notice
        )
        call = LiveCall(id, start, door=self.door, switch=started.switch, tenant=self._tenant, now=now)
        call.restore(past, now)
        self.calls[id] = call
        return call

    def gone(self, call: LiveCall, feeder: Feeder, clean: bool, now: Moment) -> None:
        """A connection has ended; `clean` when the source closed it in good order."""
        if self._feeders.get(call.id) is not feeder:
            return  # taken over before
        del self._feeders[call.id]
        if clean:
            call.end("closed", now)
        else:
            call.leave(now)

    def forget(self, call: LiveCall) -> None:
        """The call is over and written, or never came to be."""
        if self.calls.get(call.id) is call:
            del self.calls[call.id]
            self._feeders.pop(call.id, None)
            if call.ended:
                self._remember(call.id)

    def _remember(self, id: str) -> None:
        self._ended[id] = None
        if len(self._ended) > REMEMBERED:
            del self._ended[next(iter(self._ended))]

    def let_go(self, id: str, refused: Refused) -> None:
        """The call goes on, or has ended, elsewhere: not one more word of it is written here."""
        call = self.calls.pop(id, None)
        if call is not None:
            call.outbox.clear()
            call.ended = True  # for whoever still holds it
            if refused.reason == "ended":
                self._remember(id)
        self._evict(id, refused)

    def tick(self, now: Moment) -> None:
        """Some time has passed: ends what nobody feeds."""
        for call in list(self.calls.values()):
            if call.ended:
                continue
            call.tick(now)
            quiet = (now.mono - call.heard_at) / 1e9
            if call.adrift_at is not None:
                if (now.mono - call.adrift_at) / 1e9 >= self.limits.grace_s:
                    call.end("lost", now)
            elif (now.mono - call.begun_at) / 1e9 >= self.limits.max_call_s:
                call.end("limit", now)
                self._evict(call.id, Refused("limit", "the call is longer than this door allows"))
            elif quiet >= self.limits.silent_s and call.paused_at is None and not call.held:
                call.end("silent", now)
                self._evict(call.id, Refused("silent", "no audio came for too long"))

    @property
    def oldest_open(self) -> int | None:
        """Offset of the oldest start among the calls that have not ended; None when there is none."""
        return min((call.started_offset for call in self.calls.values() if call.begun), default=None)

    def _check_rejoin(self, call: LiveCall, start: Start, switch: str, now: Moment) -> None:
        if call.switch != switch:
            raise Refused("taken", "this call belongs to another switch")
        silent = (now.mono - call.heard_at) / 1e9
        if call.id in self._feeders and silent < self.limits.takeover_s:
            raise Refused("taken", f"another source feeds this call; heard {silent:.1f} s ago")
        if start.format != call.start.format:
            raise Refused("codec", f"this call was begun with {call.start.format}")

    def _evict(self, id: str, refused: Refused) -> None:
        feeder = self._feeders.pop(id, None)
        if feeder is not None:
            feeder.evict(refused)
