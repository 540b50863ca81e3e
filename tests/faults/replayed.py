"""The same log once more, in one process that nobody disturbs: what comes out has to be the same."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec.structs import replace

from pipeline.asr.transcriber import Transcriber
from pipeline.log.memory import MemoryLog
from schemas.calls import CallEnded, CallHeard, GapFound, UtteranceHeard
from schemas.codec import BadEvent, decode
from schemas.draft import DraftUpdated, Matter
from schemas.event import Event
from schemas.topics import ALERTS, AUDIO, CALLS, DRAFTS, SUGGESTIONS
from tests.faults.kept import Kept
from tests.faults.person import until
from tests.faults.spoken import SpokenEngine
from tests.kafka.at_work import understood
from tests.kafka.child_ear import OPTIONS

MADE = (DRAFTS, SUGGESTIONS, ALERTS)
Made = dict[str, dict[str, Event]]  # topic → id → event


async def heard_again(kept: Kept) -> dict[str, Event]:
    """Utterances by id, of all ended calls, as one ear hears them over a log in memory."""
    log = MemoryLog()
    for found in kept.records[CALLS]:
        body = found.event.body if found.event else None
        if isinstance(body, UtteranceHeard | CallHeard) or (isinstance(body, GapFound) and body.cause == "unreadable"):
            continue
        await log.append(CALLS, found.key, found.value)
    for found in kept.records[AUDIO]:
        await log.append(AUDIO, found.key, found.value, found.head)
    ended = len({e.call for e in kept.events(CALLS) if isinstance(e.body, CallEnded)})
    ear, stop = Transcriber(log, SpokenEngine(), OPTIONS), asyncio.Event()
    task = asyncio.create_task(ear.run(stop))

    async def done() -> bool:
        return len([e for e in await _events(log, CALLS) if isinstance(e.body, CallHeard)]) >= ended

    await until(done, "all calls to be heard again")
    stop.set()
    await task
    return {e.id: e for e in await _events(log, CALLS) if isinstance(e.body, UtteranceHeard)}


async def understood_again(kept: Kept) -> Made:
    """What the stages make of the same records of `calls`, lane by lane in their order."""
    log = MemoryLog()
    for found in kept.records[CALLS]:
        await log.append(CALLS, found.key, found.value)
    await understood(log)
    return {topic: {e.id: e for e in await _events(log, topic)} for topic in MADE}


def words_differ(kept: Kept, again: dict[str, Event]) -> Iterator[str]:
    """I2: whoever held the lanes, the utterances are those of one ear."""
    ended = {e.call for e in kept.events(CALLS) if isinstance(e.body, CallEnded)}
    told = {i: e for i, e in kept.once(CALLS).items() if isinstance(e.body, UtteranceHeard) and e.call in ended}
    heard = {i: e for i, e in again.items() if e.call in ended}
    for id_ in told.keys() | heard.keys():
        if id_ not in heard:
            yield f"{_span(told[id_])}: one ear does not hear it"
        elif id_ not in told:
            yield f"{_span(heard[id_])}: one ear hears it besides"
        elif told[id_].body.text != heard[id_].body.text:
            yield f"{_span(told[id_])}: one ear hears other words"


def drafts_differ(kept: Kept, again: Made) -> Iterator[str]:
    """Whoever held the lanes, drafts, suggestions and alerts are those of one house. Parked calls are left out."""
    for topic in MADE:
        made = {i: e for i, e in kept.once(topic).items() if e.call not in kept.poisoned and e.cause is not None}
        wanted = {i: e for i, e in again[topic].items() if e.call not in kept.poisoned}
        for id_ in made.keys() | wanted.keys():
            if id_ not in made:
                yield f"{topic} {id_} of {wanted[id_].call}: lacking"
            elif id_ not in wanted:
                yield f"{topic} {id_} of {made[id_].call}: one house does not make it"
            elif made[id_] != wanted[id_] and made[id_] != _as_known(wanted[id_], made[id_]):
                yield f"{topic} {id_} of {made[id_].call}: one house makes another: {_where(made[id_], wanted[id_])}"


def _as_known(plain: Event, made: Event) -> Event:
    """The draft of a house that knows no earlier tickets, with what `made` says of them: the record decides that."""
    if not isinstance(plain.body, DraftUpdated) or not isinstance(made.body, DraftUpdated):
        return plain
    matters = tuple(map(_with_earlier, plain.body.matters, made.body.matters))
    return replace(plain, body=replace(plain.body, matters=matters))


def _with_earlier(plain: Matter, made: Matter) -> Matter:
    if made.dispatch.step != "duplicate":
        return plain
    fields = dict(plain.fields)
    if "lead_unit" in fields:
        fields["lead_unit"] = replace(fields["lead_unit"], note=made.dispatch.reason)
    dispatch = replace(plain.dispatch, step="duplicate", reason=made.dispatch.reason)
    return replace(plain, fields=fields, dispatch=dispatch)


def _where(one: Any, other: Any, path: str = "") -> str:
    """The first place in which two values differ, and how."""
    if isinstance(one, msgspec.Struct):
        one, other = msgspec.structs.asdict(one), msgspec.structs.asdict(other)
    if isinstance(one, dict) and isinstance(other, dict):
        pairs = [(key, one.get(key), other.get(key)) for key in [*one, *(k for k in other if k not in one)]]
    elif isinstance(one, list | tuple) and isinstance(other, list | tuple) and len(one) == len(other):
        pairs = list(zip(range(len(one)), one, other, strict=True))
    else:
        return f"{path}: {one!r:.200} ≠ {other!r:.200}"
    return next((_where(a, b, f"{path}.{key}") for key, a, b in pairs if a != b), "")


def _span(event: Event) -> str:
    body = event.body
    return f"{event.call}/{body.leg} {body.first_sample}…{body.last_sample}"


async def _events(log: MemoryLog, topic: str) -> list[Event]:
    found = []
    for record in await log.read(topic, 0, 1_000_000):
        try:
            found.append(decode(record.value))
        except BadEvent:
            continue
    return found
