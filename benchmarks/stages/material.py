"""The sample calls' reference transcripts as events, as door and ear would write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from pipeline.demo.samples import FOLDER
from pipeline.run.field_trial import LEGS, RATE, read_samples
from schemas import Event
from schemas.calls import CallEnded, CallStarted, NoticeGiven, UtteranceHeard
from schemas.ids import call_id, output_id, utterance_id

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def call_events(n: int, *, agent: str | None = None, at: datetime = AT) -> list[Event]:
    """Events of the n-th call: the samples in turn, each with ids of its own."""
    samples = read_samples(FOLDER)
    sample = samples[n % len(samples)]
    call = call_id("bench", f"{sample.name}-{n}")
    bodies: list[msgspec.Struct] = [
        CallStarted(
            door="bench", switch="bench", source=str(n), legs=LEGS, codec="PCMA", rate=RATE,
            ani=sample.calling_number, agent=agent,
        ),
        NoticeGiven(),
    ]  # fmt: skip
    for turn in sample.turns:
        first, last = round(turn.start * RATE), round(turn.end * RATE)
        bodies.append(
            UtteranceHeard(
                utterance=utterance_id(call, turn.leg, first, last, "bench"),
                leg=turn.leg,
                start_s=turn.start,
                end_s=turn.end,
                first_sample=first,
                last_sample=last,
                text=turn.text,
            )
        )
    bodies.append(CallEnded(reason="stopped"))
    return [
        Event(
            id=output_id(call, "bench", k),
            tenant="yunlan",
            call=call,
            cause=None,
            at=at + timedelta(seconds=k),
            body=body,
        )
        for k, body in enumerate(bodies)
    ]
