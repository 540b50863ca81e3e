"""Runs recorded calls through the stages again: same input, same output, or it says where not."""

from __future__ import annotations

import msgspec

from agents.stage import Stage
from agents.step import Source, step
from pipeline.log.ports import LogReads
from pipeline.log.recordings import Recordings
from schemas.calls import CallStarted
from schemas.codec import BadEvent, decode
from schemas.event import Event
from schemas.topics import ALERTS, CALLS, DEAD, DRAFTS, SUGGESTIONS

OUTPUTS = (DRAFTS, SUGGESTIONS, ALERTS, DEAD)


class Report(msgspec.Struct, kw_only=True):
    """What a replay found."""

    calls: int = 0
    cut: int = 0  # calls whose beginning the log no longer holds; not replayed
    events: int = 0  # inputs replayed
    compared: int = 0  # outputs compared with the log
    differences: list[str] = []  # event type and id, and in which field they part


async def replay(log: Recordings, stages: list[Stage], call: str | None = None) -> Report:
    """Replays one call, or every call of the log, through fresh stages and compares outputs by id."""
    report = Report(differences=[])
    if call is not None:
        await replay_call(await log.call(call), stages, call, report)
        return report
    async for calls, excerpt in log.calls():
        for each in calls:
            await replay_call(excerpt, stages, each, report)
    return report


async def replay_call(log: LogReads, stages: list[Stage], call: str, report: Report) -> None:
    """Replays one call, and adds what was found to the report."""
    if not await _whole(log, call):
        report.cut += 1
        return
    report.calls += 1
    for stage in stages:
        await _replay_stage(log, stage, call, report)


async def _whole(log: LogReads, call: str) -> bool:
    """Whether the log still holds the call's beginning: a fold needs it."""
    first = await log.read_key(CALLS, call, limit=1)
    try:
        return bool(first) and isinstance(decode(first[0].value).body, CallStarted)
    except BadEvent:
        return False


async def _replay_stage(log: LogReads, stage: Stage, key: str, report: Report) -> None:
    recorded: dict[str, list[Event]] = {}  # a mended stream says some things twice under one id
    for topic in OUTPUTS:
        for record in await log.read_key(topic, key):
            try:
                event = decode(record.value)
            except BadEvent:
                continue
            recorded.setdefault(event.id, []).append(event)
    for record in await log.read_key(stage.reads, key):
        report.events += 1
        source = Source(topic=record.topic, offset=record.offset, key=record.key, lane=record.lane)
        for event in await step(stage, record.value, source, _no_wait):
            before = recorded.get(event.id)
            if before is None:
                continue  # the log was cut, or the stage had not got so far
            report.compared += 1
            if event not in before:
                report.differences.append(f"{event.type} {event.id}: {_where(before[-1], event)}")


def _where(before: Event, after: Event) -> str:
    old, new = msgspec.to_builtins(before), msgspec.to_builtins(after)
    for name in ("tenant", "call", "cause", "at"):
        if old[name] != new[name]:
            return name
    return ", ".join(sorted(k for k in {*old["body"], *new["body"]} if old["body"].get(k) != new["body"].get(k)))


async def _no_wait(seconds: float) -> None:
    return None
