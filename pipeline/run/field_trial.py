"""Calls through ear and stages, compared with their reference fields: behind `hotline evaluate fields`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter

import msgspec

from agents.build import build_stages
from agents.city import City
from agents.evaluation import FieldsReport, Tried, evaluate_tried
from pipeline.asr.file import transcribe_files
from pipeline.calls.generate import Plan, made_up
from pipeline.calls.made import MadeCall, Turn
from pipeline.run.ear import open_engine, recording_options
from pipeline.run.meaning import shelf_of
from pipeline.run.opening import open_city
from pipeline.run.right_unit import right_unit
from pipeline.settings import Settings
from schemas import Event
from schemas.audio import Leg
from schemas.calls import CallEnded, CallStarted, NoticeGiven, UtteranceHeard
from schemas.draft import AlertRaised, DraftUpdated
from schemas.ids import call_id, output_id, utterance_id

LEGS: tuple[Leg, Leg] = ("caller", "agent")
RATE = 8000


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """The figures, and what understanding one utterance took on this machine."""

    figures: FieldsReport
    milliseconds_per_utterance: dict[str, float]


async def try_fields(settings: Settings, folder: Path, *, heard: bool) -> Trial:
    """Drafts of every NAME.json of a folder against its reference. `heard`: from the recording, else from its words."""
    samples = read_samples(folder)
    spoken = await _hear(settings, folder, samples) if heard else {s.name: s.turns for s in samples}
    return await _trial(((s, spoken[s.name]) for s in samples), city_of_words(settings), settings.city)


async def try_made_up(settings: Settings, plan: Plan) -> Trial:
    """Drafts of calls made up by a plan, from their words."""
    city = city_of_words(settings)
    return await _trial(((call, call.turns) for call in made_up(plan, city.index)), city, settings.city)


def city_of_words(settings: Settings) -> City:
    """The city as its pack alone makes it: no vectors somebody made beside it."""
    return City(open_city(settings), shelf=shelf_of(settings))


def read_samples(folder: Path) -> list[MadeCall]:
    """Every NAME.json of a folder. Raises ValueError when there is none."""
    samples = [msgspec.json.decode(file.read_bytes(), type=MadeCall) for file in sorted(folder.glob("*.json"))]
    if not samples:
        raise ValueError(f"{folder}: no sample calls (NAME.json beside NAME.wav)")
    return samples


async def try_call(city: City, call: MadeCall, turns: Sequence[Turn], tenant: str, took: list[float]) -> Tried:
    """One call through the understanding stage; `took` gets the milliseconds of each utterance."""
    stage = build_stages(city.index.pack, city=city)[0]
    events, ends = _events(call, turns, tenant)
    trail: list[tuple[float, DraftUpdated]] = []
    alarmed = asked = False
    for event in events:
        begun = perf_counter()
        outputs = await stage(event)
        if isinstance(event.body, UtteranceHeard):
            took.append((perf_counter() - begun) * 1000)
        for output in outputs:
            if isinstance(output.body, DraftUpdated):
                trail.append((ends.get(event.id, 0.0), output.body))
                asked |= any(risk.urgency == "warning" for risk in output.body.risks)
            alarmed |= isinstance(output.body, AlertRaised) and output.body.level == "critical"
    reference = call.reference
    return Tried(
        draft=trail[-1][1] if trail else DraftUpdated(revision=0, matters=()),
        wanted=tuple(_wanted(call, n, matter, city) for n, matter in enumerate(reference.matters)),
        trail=tuple(trail),
        told=tuple({f: call.turns[turn].end for f, turn in told.items()} for told in reference.told),
        danger=reference.danger,
        alarmed=alarmed,
        asked=asked,
    )


async def _trial(calls: Iterable[tuple[MadeCall, Sequence[Turn]]], city: City, tenant: str) -> Trial:
    took: list[float] = []
    tried = [await try_call(city, call, turns, tenant, took) for call, turns in calls]
    took.sort()
    at = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    times = {name: round(took[int(len(took) * share)], 2) for name, share in at.items()} if took else {}
    return Trial(figures=evaluate_tried(tried), milliseconds_per_utterance={**times, "n": len(took)})


def _wanted(call: MadeCall, n: int, matter: Mapping[str, str], city: City) -> dict[str, str]:
    own = {"contact_phone": call.reference.contact_phone, "caller_name": call.reference.caller_name} if n == 0 else {}
    wanted = {**{name: value for name, value in own.items() if value}, **matter}
    if "lead_unit" not in wanted and wanted.get("category") and call.at:
        wanted["lead_unit"] = right_unit(city.index, wanted, call)
    return wanted


def _events(call: MadeCall, turns: Sequence[Turn], tenant: str) -> tuple[list[Event], dict[str, float]]:
    """The call's events, and when the utterance of an event ended, seconds."""
    name = call_id("trial", call.name)
    at = datetime.fromisoformat(call.at).astimezone(UTC) if call.at else datetime.now(UTC)
    started = CallStarted(
        door="trial", switch="trial", source=call.name, legs=LEGS, codec="PCMA", rate=RATE, ani=call.calling_number
    )
    bodies: list[tuple[object, float]] = [(started, 0.0), (NoticeGiven(), 0.0)]
    for turn in turns:
        first, last = round(turn.start * RATE), round(turn.end * RATE)
        heard = UtteranceHeard(
            utterance=utterance_id(name, turn.leg, first, last, "trial"),
            leg=turn.leg,
            start_s=turn.start,
            end_s=turn.end,
            first_sample=first,
            last_sample=last,
            text=turn.text,
        )
        bodies.append((heard, turn.end))
    bodies.append((CallEnded(reason="stopped"), turns[-1].end if turns else 0.0))
    events = [
        Event(
            id=output_id(name, "trial", n),
            tenant=tenant,
            call=name,
            cause=None,
            at=at if n == 0 else at + timedelta(seconds=end),
            body=body,
        )
        for n, (body, end) in enumerate(bodies)
    ]
    return events, {e.id: end for e, (_, end) in zip(events, bodies, strict=True)}


async def _hear(settings: Settings, folder: Path, samples: Sequence[MadeCall]) -> dict[str, tuple[Turn, ...]]:
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
