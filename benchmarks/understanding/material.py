"""Calls as long as wanted: the sample calls' turns told one after the other within one call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import cycle, islice

import msgspec

from pipeline.demo.samples import FOLDER
from pipeline.run.field_trial import LEGS, RATE, read_samples
from schemas import Event
from schemas.calls import CallStarted, NoticeGiven, UtteranceHeard
from schemas.ids import call_id, output_id, utterance_id

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
GAP_S = 4.0


def long_call(n: int, utterances: int) -> list[Event]:
    """The n-th call with so many utterances: the samples' turns from the n-th on, numbered when told again."""
    samples = read_samples(FOLDER)
    turns = [turn for sample in (*samples[n % len(samples) :], *samples[: n % len(samples)]) for turn in sample.turns]
    call = call_id("bench-understanding", f"{n}-{utterances}")
    bodies: list[msgspec.Struct] = [
        CallStarted(
            door="bench", switch="bench", source=str(n), legs=LEGS, codec="PCMA", rate=RATE,
            ani=samples[n % len(samples)].calling_number,
        ),
        NoticeGiven(),
    ]  # fmt: skip
    for k, turn in enumerate(islice(cycle(turns), utterances)):
        again = k // len(turns)
        start = GAP_S * (k + 1)
        first = round(start * RATE)
        bodies.append(
            UtteranceHeard(
                utterance=utterance_id(call, turn.leg, first, first + RATE, "bench"),
                leg=turn.leg,
                start_s=start,
                end_s=start + 1.0,
                first_sample=first,
                last_sample=first + RATE,
                text=turn.text if not again else f"第{again + 1}次说{turn.text}",
            )
        )
    return [
        Event(
            id=output_id(call, "bench", k), tenant="yunlan", call=call, cause=None, at=AT + timedelta(seconds=k), body=b
        )
        for k, b in enumerate(bodies)
    ]
