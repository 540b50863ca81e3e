"""Runs recorded calls through the stages again: same input, same output, or it says where not."""

from __future__ import annotations

import msgspec

from agents.stage import Stage
from agents.step import Source, step
from pipeline.log.ports import LogReads
from schemas.codec import BadEvent, decode
from schemas.event import Event
from schemas.topics import ALERTS, CALLS, DEAD, DRAFTS, SUGGESTIONS

PAGE = 1000
OUTPUTS = (DRAFTS, SUGGESTIONS, ALERTS, DEAD)


class Report(msgspec.Struct, kw_only=True):
    """What a replay found."""

    calls: int = 0
    events: int = 0  # inputs replayed
    compared: int = 0  # outputs compared with the log
    differences: list[str] = []  # event type and id, and in which field they part


async def replay(log: LogReads, stages: list[Stage], call: str | None = None) -> Report:
    """Replays one call, or every call of the log, through fresh stages and compares outputs by id."""
    report = Report(differences=[])
    keys = [call] if call else await _calls(log)
    for key in keys:
        report.calls += 1
        for stage in stages:
            await _replay_call(log, stage, key, report)
    return report


async def _calls(log: LogReads) -> list[str]:
    found: dict[str, None] = {}
    after = 0
    while records := await log.read(CALLS, after, PAGE):
        found.update(dict.fromkeys(record.key for record in records))
        after = records[-1].offset
    return list(found)


async def _replay_call(log: LogReads, stage: Stage, key: str, report: Report) -> None:
    recorded: dict[str, Event] = {}
    for topic in OUTPUTS:
        for record in await log.read_key(topic, key):
            try:
                event = decode(record.value)
            except BadEvent:
                continue
            recorded[event.id] = event
    for record in await log.read_key(stage.reads, key):
        report.events += 1
        source = Source(topic=record.topic, offset=record.offset, key=record.key)
        for event in await step(stage, record.value, source, _no_wait):
            before = recorded.get(event.id)
            if before is None:
                continue  # the log was cut, or the stage had not got so far
            report.compared += 1
            if before != event:
                report.differences.append(f"{event.type} {event.id}: {_where(before, event)}")


def _where(before: Event, after: Event) -> str:
    old, new = msgspec.to_builtins(before), msgspec.to_builtins(after)
    for name in ("tenant", "call", "cause", "at"):
        if old[name] != new[name]:
            return name
    return ", ".join(sorted(k for k in {*old["body"], *new["body"]} if old["body"].get(k) != new["body"].get(k)))


async def _no_wait(seconds: float) -> None:
    return None
