"""What the ear says to the house: its events, with ids and times that derive from the call alone."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from pipeline.asr.finals import Final
from pipeline.asr.stream import Ended
from schemas import Event
from schemas.audio import GapCause, Leg
from schemas.calls import CallHeard, GapFound, PartialHeard, UtteranceHeard
from schemas.ids import output_id, utterance_id

STAGE = "transcriber"


class LegName(msgspec.Struct, frozen=True, kw_only=True):
    """Whose words these are: what every event of a leg has in common."""

    tenant: str
    call: str
    leg: Leg
    rate: int  # Hz
    cause: str  # id of CallStarted
    started: datetime  # UTC; time of CallStarted, which sample 0 is taken for

    def at(self, sample: int) -> datetime:
        """The moment of a sample of this leg."""
        return self.started + timedelta(seconds=sample / self.rate)

    def seconds(self, sample: int) -> float:
        return round(sample / self.rate, 3)


def utterance(name: LegName, ended: Ended, model: str) -> str:
    """Id of the utterance in a closed segment."""
    return utterance_id(name.call, name.leg, ended.first_sample, ended.last_sample, model)


def utterance_heard(name: LegName, ended: Ended, model: str, final: Final) -> Event:
    """A final."""
    mine, reading = utterance(name, ended, model), final.reading
    body = UtteranceHeard(
        utterance=mine,
        leg=name.leg,
        start_s=name.seconds(ended.first_sample),
        end_s=name.seconds(ended.last_sample + 1),
        first_sample=ended.first_sample,
        last_sample=ended.last_sample,
        text=final.text,
        raw=reading.text if reading.text != final.text else "",
        model=model,
        logprob=reading.logprob,
        no_speech=reading.no_speech,
        flags=final.flags,
    )
    return _event(name, output_id(mine, STAGE), name.at(ended.last_sample + 1), body)


def gap_found(name: LegName, first_sample: int, last_sample: int, cause: GapCause) -> Event:
    """A stretch that will have no text."""
    samples = last_sample - first_sample + 1
    body = GapFound(leg=name.leg, sample_pos=first_sample, samples=samples, cause=cause)
    stretch = utterance_id(name.call, name.leg, first_sample, last_sample, cause)
    return _event(name, output_id(stretch, STAGE), name.at(last_sample + 1), body)


def segment_id(name: LegName, start: int) -> str:
    """Id of an open segment; its end is not known yet. `start` in samples at 16 kHz."""
    return output_id(f"{name.call}/{name.leg}/{start}", "segment")


def partial_heard(name: LegName, start: int, end: int, rev: int, stable: str, unstable: str) -> Event:
    """Text of an open segment. `start` and `end` in samples at 16 kHz."""
    segment = segment_id(name, start)
    body = PartialHeard(
        leg=name.leg, segment=segment, rev=rev, start_s=round(start / 16_000, 3), stable=stable, unstable=unstable
    )
    return _event(name, output_id(segment, STAGE, rev), name.started + timedelta(seconds=end / 16_000), body)


def call_heard(ended: Event, utterances: int, failed: int) -> Event:
    """The ear is done with a call. `ended` is its CallEnded."""
    return Event(
        id=output_id(ended.id, STAGE),
        tenant=ended.tenant,
        call=ended.call,
        cause=ended.id,
        at=ended.at,
        body=CallHeard(utterances=utterances, failed=failed),
    )


def _event(name: LegName, event: str, at: datetime, body: UtteranceHeard | GapFound | PartialHeard) -> Event:
    return Event(id=event, tenant=name.tenant, call=name.call, cause=name.cause, at=at, body=body)
