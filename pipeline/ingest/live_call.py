"""One call while it lives: its legs' timelines, its notice, its pauses, its end. Time comes in, log writes come out."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import msgspec

from pipeline.ingest.control import Control
from pipeline.ingest.doubt import READS_LIKE, CodecDoubt
from pipeline.ingest.interleave import split
from pipeline.ingest.moment import Moment
from pipeline.ingest.pace import Pace
from pipeline.ingest.past import Past
from pipeline.ingest.start import Start
from pipeline.ingest.timeline import Gap, Timeline
from schemas.audio import Frame, GapCause, frame_head, frame_key
from schemas.calls import CallControlled, CallEnded, CallStarted, EndReason, GapFound, NoticeGiven
from schemas.codec import encode
from schemas.draft import AlertRaised, DeadLettered
from schemas.event import Body, Event
from schemas.ids import content_hash, output_id
from schemas.topics import ALERTS, AUDIO, CALLS, DEAD

STALE_S = 0.2  # seconds after which an unfinished record is handed on as it is
LEG_NAMES = {"caller": "来电人", "agent": "坐席", "mixed": "混合声道"}
MAX_PARKED = 64 << 10  # bytes of a message kept for who must mend it


class Write(msgspec.Struct, frozen=True, kw_only=True):
    """One record on its way to the log."""

    topic: str
    key: str
    value: bytes
    head: bytes = b""
    frame: Frame | None = None
    event: Event | None = None


class LiveCall:
    """Its outbox holds, in order, everything the log must learn; nothing of the caller's voice before the notice."""

    def __init__(self, call: str, start: Start, *, door: str, switch: str, tenant: str, now: Moment) -> None:
        self.id = call
        self.start = start
        self.switch = switch
        self.outbox: deque[Write] = deque()
        self.begun = False  # CallStarted is in the log
        self.begun_at = now.mono
        self.ended = False
        self.noticed = False
        self.paused_at: int | None = None
        self.held = False
        self.heard_at = now.mono  # last audio, or when the source took its seat
        self.adrift_at: int | None = None  # since when no source feeds the call
        self.started_offset = 0  # of CallStarted in topic calls
        self._misses: list[Gap] = []  # found since last asked
        self._door = door
        self._tenant = tenant
        self._events = 0
        self._legs = [Timeline(call, leg, start.codec, start.rate) for leg in start.legs]
        self._doubts = {leg: CodecDoubt(start.codec) for leg in start.legs}
        self._group = sum(timeline.width for timeline in self._legs)  # bytes of one sample group
        self._pace = Pace()
        self._joining_from: int | None = None  # mono ns from which the samples of a join are missing
        self._heard_in_pause = 0  # samples

    def begin(self, now: Moment) -> None:
        """The call is new."""
        s = self.start
        self._tell(
            CallStarted(
                door=self._door,
                switch=self.switch,
                source=s.source,
                legs=s.legs,
                codec=s.codec,
                rate=s.rate,
                ani=s.ani,
                dnis=s.dnis,
                agent=s.agent,
                queue=s.queue,
                direction=s.direction,
            ),
            now,
        )
        if s.notice:
            self._notice("played", now)

    def restore(self, past: Past, now: Moment) -> None:
        """The call was begun before this process: goes on where the log ends, adrift until a source joins."""
        self.begun = True
        self.begun_at = now.mono_of(past.started_at)
        self.noticed = past.notice
        self.started_offset = past.started_offset
        self._events = past.events
        for timeline in self._legs:
            leg = past.legs[timeline.leg]
            timeline.seq, timeline.received, timeline.missing = leg.seq, leg.received, leg.missing
        self._joining_from = past.heard_mono(now)
        self.adrift_at = now.mono

    def join(self, start: Start, now: Moment) -> None:
        """A source comes for a call that has begun: the same one again, or another that takes over."""
        if self.paused_at is not None:
            self._resume(now)
        if self._joining_from is None and any(timeline.end for timeline in self._legs):
            self._joining_from = self.heard_at
        self.adrift_at = None
        self.heard_at = now.mono
        self._pace = Pace()
        if start.notice and not self.noticed:
            self._notice("played", now)

    def leave(self, now: Moment) -> None:
        """The source is gone; another may join within the grace time."""
        if not self.ended:
            self.flush(now)
            self.adrift_at = now.mono

    def audio(self, data: bytes, now: Moment) -> float:
        """One whole message of audio. Returns by how many seconds the source is ahead of real time."""
        channels = split(data, len(self._legs), self._legs[0].width)
        samples = len(data) // self._group
        self._close_join(samples, now)
        self.heard_at = now.mono
        if self.paused_at is not None:
            self._heard_in_pause += samples
            return 0.0
        if not self.noticed:  # not even held in memory: the strictest reading of "nothing before the notice"
            self._miss(samples, "declared", now)
        else:
            for timeline, channel in zip(self._legs, channels, strict=True):
                self._put(timeline.take(channel, now.mono), now)
        end = self._legs[0].end / self.start.rate
        lost = self._pace.arrived(now.s, end - samples / self.start.rate, end)
        if lost:
            self._miss(int(lost * self.start.rate), "suspected", now)
        return self._pace.ahead(now.s, end)

    def is_whole(self, data: bytes) -> bool:
        """Whether a message holds whole sample groups."""
        return len(data) % self._group == 0

    def malformed(self, data: bytes, now: Moment) -> None:
        """A message that ends within a sample: dropped whole, as nobody knows where its samples begin."""
        self._close_join(0, now)
        self.heard_at = now.mono
        if self.paused_at is not None:
            self._heard_in_pause += len(data) // self._group
        else:
            self._miss(len(data) // self._group, "malformed", now)

    def control(self, control: Control, now: Moment) -> None:
        """The switch says something about the call."""
        if control.kind == "stop":
            self.end("stopped", now)
        elif control.kind == "notice":
            self._notice("message", now)
        else:
            if control.kind == "resume":
                self._resume(now)
            self.flush(now)
            self._tell(CallControlled(control=control.kind, leg=control.leg, detail=control.detail), now)
            if control.kind == "pause" and self.paused_at is None:
                self.paused_at = now.mono
                self._heard_in_pause = 0
            elif control.kind in ("hold", "unhold"):
                self.held = control.kind == "hold"

    def park(self, text: str, reason: str, now: Moment) -> None:
        """A message nobody understood, kept for who must mend it; only once the caller has been told."""
        if self.noticed:
            data = text.encode(errors="replace")[:MAX_PARKED]
            body = DeadLettered(topic=CALLS, offset=0, stage=f"door.{self._door}", reason=reason, data=data)
            event = self._event(output_id(self.id, f"door.parked.{content_hash(data)}"), body, now)
            self._post(DEAD, event)

    def flush(self, now: Moment) -> None:
        """Hands on what is held: nothing waits in memory while a source is quiet."""
        for timeline in self._legs:
            self._put(timeline.flush(now.mono), now)

    def tick(self, now: Moment) -> None:
        """Some time has passed."""
        if now.mono - self.heard_at > STALE_S * 1e9:
            self.flush(now)

    def end(self, reason: EndReason, now: Moment) -> None:
        """No more audio will come. A call ends once."""
        if self.ended:
            return
        if self.paused_at is not None:
            self._resume(now)
        self.ended = True
        for timeline in self._legs:
            self._put(timeline.finish(now.mono), now)
        self._tell_end(reason, now)

    def overflow(self, now: Moment) -> int:
        """The log takes no more: audio in the outbox becomes gaps, what happened to the call stays. Samples lost."""
        lost = 0
        waiting, self.outbox = self.outbox, deque()
        legs = {timeline.leg: timeline for timeline in self._legs}
        for write in waiting:
            if write.frame is not None:
                lost += write.frame.samples
                self._put([legs[write.frame.leg].unkept(write.frame)], now)
            elif write.event is not None and isinstance(write.event.body, CallEnded):
                self._tell_end(write.event.body.reason, now)  # its sums have changed
            else:
                self.outbox.append(write)
        return lost

    def take_misses(self) -> list[Gap]:
        """Gaps found since last asked, for the metrics."""
        misses, self._misses = self._misses, []
        return misses

    @property
    def samples(self) -> dict[str, tuple[int, int]]:
        """Leg → samples (received, missing)."""
        return {timeline.leg: (timeline.received, timeline.missing) for timeline in self._legs}

    def _tell_end(self, reason: EndReason, now: Moment) -> None:
        received: dict[str, int] = {timeline.leg: timeline.received for timeline in self._legs}
        missing: dict[str, int] = {timeline.leg: timeline.missing for timeline in self._legs}
        self._tell(CallEnded(reason=reason, samples=received, gaps=missing), now)

    def _notice(self, how: str, now: Moment) -> None:
        if not self.noticed:
            self.noticed = True
            self._tell(NoticeGiven(how=how), now)  # type: ignore[arg-type]

    def _resume(self, now: Moment) -> None:
        """The pause becomes a gap: as long as what came and was dropped, or by the clock when nothing came."""
        if self.paused_at is None:
            return
        by_clock = int((now.mono - self.paused_at) * self.start.rate / 1e9)
        self.paused_at = None
        self.heard_at = now.mono
        self._miss(self._heard_in_pause or by_clock, "paused", now)
        self._pace = Pace()

    def _close_join(self, samples: int, now: Moment) -> None:
        """The first audio after a join: what lies between the old source's last and this is lost."""
        if self._joining_from is None:
            return
        away = int((now.mono - self._joining_from) * self.start.rate / 1e9) - samples
        self._joining_from = None
        self._miss(away, "lost", now)

    def _miss(self, samples: int, cause: GapCause, now: Moment) -> None:
        for timeline in self._legs:
            self._put(timeline.miss(samples, cause, now.mono), now)

    def _put(self, pieces: Iterable[Frame | Gap], now: Moment) -> None:
        for piece in pieces:
            if isinstance(piece, Gap):
                self._misses.append(piece)
                self._tell(
                    GapFound(leg=piece.leg, sample_pos=piece.sample_pos, samples=piece.samples, cause=piece.cause), now
                )
            else:
                if self._doubts[piece.leg].hears(piece):
                    self._raise_doubt(piece, now)
                key = frame_key(self.id, piece.leg)
                self.outbox.append(Write(topic=AUDIO, key=key, value=piece.data, head=frame_head(piece), frame=piece))

    def _raise_doubt(self, frame: Frame, now: Moment) -> None:
        """The audio is kept as it is; a person is told that it does not sound like what it claims to be."""
        id = output_id(self.id, f"door.doubt.{frame.leg}")
        detail = f"{LEG_NAMES[frame.leg]}的声音标为 {frame.codec}，听起来却像 {READS_LIKE[frame.codec]}"
        body = AlertRaised(
            alert=id, level="warning", label="可疑编码", detail=detail, advice="请检查交换机送出的语音编码设置"
        )
        self._post(ALERTS, self._event(id, body, now))

    def _post(self, topic: str, event: Event) -> None:
        self.outbox.append(Write(topic=topic, key=self.id, value=encode(event), event=event))

    def _tell(self, body: Body, now: Moment) -> None:
        self._events += 1
        self._post(CALLS, self._event(output_id(self.id, f"door.{body.TYPE}", self._events), body, now))

    def _event(self, id: str, body: Body, now: Moment) -> Event:
        return Event(id=id, tenant=self._tenant, call=self.id, cause=None, at=now.utc, body=body)
