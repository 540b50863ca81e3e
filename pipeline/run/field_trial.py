"""Sample calls through ear and stages, compared with their reference fields: behind `hotline evaluate fields`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from agents.build import build_stages
from agents.evaluation import FieldsReport, evaluate_fields
from agents.stage import Stage
from pipeline.asr.file import transcribe_files
from pipeline.run.ear import open_engine, recording_options
from pipeline.run.opening import open_city
from pipeline.settings import Settings
from schemas import Event
from schemas.audio import Leg
from schemas.calls import CallEnded, CallStarted, NoticeGiven, UtteranceHeard
from schemas.draft import DraftUpdated
from schemas.ids import call_id, output_id, utterance_id

LEGS: tuple[Leg, Leg] = ("caller", "agent")
RATE = 8000


class Turn(msgspec.Struct, frozen=True):
    """What one side says from here to there, seconds."""

    leg: Leg
    start: float
    end: float
    text: str


class Reference(msgspec.Struct, frozen=True):
    """The reference fields of one call."""

    contact_phone: str = ""
    caller_name: str = ""
    matters: tuple[dict[str, str], ...] = ()


class SampleCall(msgspec.Struct, frozen=True):
    """What lies beside a recording."""

    name: str
    file: str
    turns: tuple[Turn, ...]
    reference: Reference
    calling_number: str = ""


async def try_fields(settings: Settings, folder: Path, *, heard: bool) -> FieldsReport:
    """Drafts of every NAME.json of a folder against its reference. `heard`: from the recording, else from its words."""
    samples = read_samples(folder)
    spoken = await _hear(settings, folder, samples) if heard else {s.name: s.turns for s in samples}
    city = open_city(settings)
    pairs = []
    for sample in samples:
        stage = build_stages(city)[0]
        draft = await _draft(stage, sample, spoken[sample.name], settings.city)
        pairs.append((draft, [_wanted(sample.reference, matter) for matter in sample.reference.matters]))
    return evaluate_fields(pairs)


def read_samples(folder: Path) -> list[SampleCall]:
    """Every NAME.json of a folder. Raises ValueError when there is none."""
    samples = [msgspec.json.decode(file.read_bytes(), type=SampleCall) for file in sorted(folder.glob("*.json"))]
    if not samples:
        raise ValueError(f"{folder}: no sample calls (NAME.json beside NAME.wav)")
    return samples


def _wanted(reference: Reference, matter: dict[str, str]) -> dict[str, str]:
    own = {"contact_phone": reference.contact_phone, "caller_name": reference.caller_name}
    return {**{name: value for name, value in own.items() if value}, **matter}


async def _hear(settings: Settings, folder: Path, samples: Sequence[SampleCall]) -> dict[str, tuple[Turn, ...]]:
    options = recording_options(settings)
    engine = open_engine(settings, options=options)
    await engine.start()
    try:
        found = {}
        for sample in samples:
            turns = [
                Turn(LEGS[segment.channel], segment.start, segment.end, segment.text)
                async for segment in transcribe_files([folder / sample.file], engine, options)
            ]
            found[sample.name] = tuple(sorted(turns, key=lambda turn: turn.end))
        return found
    finally:
        await engine.stop()


async def _draft(stage: Stage, sample: SampleCall, turns: Sequence[Turn], tenant: str) -> DraftUpdated:
    call = call_id("trial", sample.name)
    at = datetime.now(UTC)

    def event(n: int, body: object) -> Event:
        return Event(id=output_id(call, "trial", n), tenant=tenant, call=call, cause=None, at=at, body=body)

    started = CallStarted(
        door="trial", switch="trial", source=sample.name, legs=LEGS, codec="PCMA", rate=RATE, ani=sample.calling_number
    )
    bodies: list[object] = [started, NoticeGiven()]
    for turn in turns:
        first, last = round(turn.start * RATE), round(turn.end * RATE)
        bodies.append(
            UtteranceHeard(
                utterance=utterance_id(call, turn.leg, first, last, "trial"),
                leg=turn.leg,
                start_s=turn.start,
                end_s=turn.end,
                first_sample=first,
                last_sample=last,
                text=turn.text,
            )
        )
    bodies.append(CallEnded(reason="stopped"))
    newest = DraftUpdated(revision=0, matters=())
    for n, body in enumerate(bodies):
        for output in await stage(event(n, body)):
            if isinstance(output.body, DraftUpdated):
                newest = output.body
    return newest
