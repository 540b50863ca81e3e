"""One call as the ear sees it: what was allowed, which legs speak, what has been said already."""

from __future__ import annotations

import asyncio
from datetime import datetime

from pipeline.asr.checkpoints import Checkpoint
from pipeline.asr.listener import Listener
from pipeline.asr.stream import BadFrame, Effect, LegStream
from schemas import Event
from schemas.audio import Frame
from schemas.calls import AssistSwitched, CallEnded, CallHeard, CallStarted, GapFound, NoticeGiven, UtteranceHeard


class CallState:
    """What the events of one call permit. A pure fold over topic `calls`."""

    def __init__(self, started: Event, offset: int) -> None:
        self.started = started
        self.offset = offset  # of CallStarted in `calls`
        self.noticed = False  # before the notice no model is used
        self.switches: list[tuple[float, bool]] = []  # (unix seconds, assistant on)
        self.ended: Event | None = None
        self.heard = False  # the ear is done with it
        self.said: set[str] = set()  # ids of utterances and gaps
        self.utterances: set[str] = set()  # ids of events
        self.failures: set[str] = set()  # idem: stretches the model could not read

    @property
    def opening(self) -> CallStarted:
        body = self.started.body
        assert isinstance(body, CallStarted)
        return body

    @property
    def is_on(self) -> bool:
        """The assistant may listen now."""
        return self.noticed and (not self.switches or self.switches[-1][1])

    def was_on(self, at: float) -> bool:
        """Whether it might listen at a moment, unix seconds."""
        on = True
        for since, switched in self.switches:
            if since <= at:
                on = switched
        return on

    def apply(self, event: Event) -> None:
        """Takes the call's next event; one it has seen changes nothing."""
        match event.body:
            case NoticeGiven():
                self.noticed = True
            case AssistSwitched(on=on):
                self.switches.append((_unix(event.at), on))
            case CallEnded():
                self.ended = event
            case CallHeard():
                self.heard = True
            case UtteranceHeard():
                self.said.add(event.id)
                self.utterances.add(event.id)
            case GapFound(cause=cause):
                self.said.add(event.id)
                if cause == "unreadable":
                    self.failures.add(event.id)


class LegSession:
    """A leg of a live call: its stream, its listener, and how far in `audio` they have come."""

    def __init__(self, stream: LegStream, listener: Listener, read: int, opened: int) -> None:
        self.stream = stream
        self.listener = listener
        self.read = read  # offset in `audio` up to which this leg has heard
        self.saved = read  # offset of the last checkpoint written
        self._opened = opened  # offset of the call's CallStarted in `calls`
        self._checked = stream.next_sample  # leg sample of the last checkpoint taken
        self.task: asyncio.Task[None] | None = None

    def hear(self, frame: Frame, offset: int, on: bool) -> list[Effect]:
        """One frame; a bad one becomes a hole."""
        if offset <= self.read:
            return []
        self.read = offset
        try:
            return self.stream.push(frame) if on else self.stream.mute(frame)
        except BadFrame:
            return []

    def checkpoint(self, every_s: float) -> Checkpoint | None:
        """The leg's state, when one is due and nothing is open; to be written once all finals before it are out."""
        sample = self.stream.next_sample
        if sample - self._checked < every_s * self.stream.rate or not self.stream.is_idle:
            return None
        self._checked = sample
        return Checkpoint(self.read, self._opened, self.stream.snapshot())


def _unix(at: datetime) -> float:
    return at.timestamp()
