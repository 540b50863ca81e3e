"""Before the door opens: what the stages load at their first word (dictionaries, time rules) is loaded now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from agents.stage import Stage
from schemas import Event
from schemas.calls import CallEnded, CallStarted, NoticeGiven, UtteranceHeard
from schemas.event import Body
from schemas.ids import call_id, output_id
from schemas.topics import TOPIC_OF

WORDS = "你好，我姓王，昨天晚上十点多小区停水了，押金三千块也没退，电话幺三八零零幺三八零零零，请问怎么办？"


async def warm(stages: Sequence[Stage]) -> None:
    """Runs one made-up call through the stages; nothing of it is written anywhere."""
    call = call_id("warming", "warming")
    bodies: tuple[Body, ...] = (
        CallStarted(door="", switch="", source="", legs=("caller", "agent"), codec="PCMA", rate=8000),
        NoticeGiven(),
        UtteranceHeard(utterance="w", leg="caller", start_s=0, end_s=9, first_sample=0, last_sample=72_000, text=WORDS),
        CallEnded(reason="stopped"),
    )
    at = datetime(2026, 1, 1, tzinfo=UTC)
    waiting = [
        Event(id=output_id(call, "warming", n), tenant="", call=call, cause=None, at=at, body=body)
        for n, body in enumerate(bodies)
    ]
    while waiting:
        event = waiting.pop(0)
        for stage in stages:
            if stage.reads == TOPIC_OF[event.type]:
                waiting.extend(await stage(event))
