"""What the log knows of a call: so that a source that comes back, even after a kill -9, goes on where it was."""

from __future__ import annotations

import msgspec

from pipeline.ingest.moment import Moment
from pipeline.log.ports import Log, Record
from schemas.audio import Leg, frame_from, frame_key
from schemas.calls import CallControlled, CallEnded, CallStarted, GapFound, NoticeGiven
from schemas.codec import BadEvent, decode
from schemas.event import Event
from schemas.topics import AUDIO, CALLS

PAGE = 1000  # records read at once
_OURS = (CallStarted, NoticeGiven, GapFound, CallControlled, CallEnded)  # what a door writes


class LegPast(msgspec.Struct, kw_only=True):
    """How far a leg had come."""

    seq: int = 0  # last frame's
    received: int = 0  # samples
    gaps: list[tuple[int, int]] = []  # (position, samples)
    heard_at: float | None = None  # unix seconds at which the leg's line ends

    @property
    def missing(self) -> int:
        """Samples."""
        return sum(samples for _, samples in self.gaps)


class Past(msgspec.Struct, kw_only=True):
    """A call as its records tell it."""

    started: CallStarted | None = None
    started_offset: int = 0
    started_at: float = 0.0  # unix seconds
    notice: bool = False
    ended: bool = False
    events: int = 0  # written by a door
    legs: dict[Leg, LegPast] = {}

    def note(self, event: Event, record: Record) -> None:
        """One more event of the call, in order."""
        body = event.body
        if not isinstance(body, _OURS):
            return
        self.events += 1
        if isinstance(body, CallStarted):
            self.started, self.started_offset, self.started_at = body, record.offset, event.at.timestamp()
            self.legs = {leg: LegPast() for leg in body.legs}
        elif isinstance(body, NoticeGiven):
            self.notice = True
        elif isinstance(body, CallEnded):
            self.ended = True
        elif isinstance(body, GapFound) and body.leg in self.legs:
            self.legs[body.leg].gaps.append((body.sample_pos, body.samples))

    def heard_mono(self, now: Moment) -> int | None:
        """When the call was last heard, on the monotonic clock of now; None = never."""
        heard = [leg.heard_at for leg in self.legs.values() if leg.heard_at is not None]
        return now.mono_of(max(heard)) if heard else None


async def past_of(log: Log, call: str) -> Past:
    """Reads a call's past; empty when the log doesn't know it."""
    past, after = Past(), 0
    while records := await log.read_key(CALLS, call, after, PAGE):
        after = records[-1].offset
        for record in records:
            try:
                past.note(decode(record.value), record)
            except BadEvent:
                continue  # not written by a door: a door's own events decode
    if past.started is not None and not past.ended:
        for leg, state in past.legs.items():
            newest = await log.last(AUDIO, frame_key(call, leg))
            if newest is not None:
                measure(state, newest)
    return past


def measure(state: LegPast, record: Record) -> None:
    """The last frame tells how far its leg is; gaps before it are within that, gaps after it come on top."""
    frame = frame_from(record.key, record.head, record.value)
    after = sum(samples for position, samples in state.gaps if position > frame.sample_pos)
    state.seq = frame.seq
    state.received = frame.sample_pos + frame.samples - (state.missing - after)
    state.heard_at = record.at + after / frame.rate


async def open_calls(log: Log, after: int) -> list[str]:
    """Calls that started after offset `after` of topic `calls` and never ended, oldest first."""
    found: dict[str, None] = {}
    while records := await log.read(CALLS, after, PAGE):
        after = records[-1].offset
        for record in records:
            try:
                body = decode(record.value).body
            except BadEvent:
                continue
            if isinstance(body, CallStarted):
                found[record.key] = None
            elif isinstance(body, CallEnded):
                found.pop(record.key, None)
    return list(found)
