"""Bytes in, calls or records out; nothing escapes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from agents.stage import Poison, Transient
from agents.step import BACKOFF_S, Source, step
from schemas import Event
from schemas.codec import encode
from schemas.draft import DeadLettered
from tests.unit.agents.talk import stream

SOURCE = Source(topic="calls", offset=42, key="call")
EVENT = stream("来电：我电话幺三八零零一二三四五六")[2]


class Faulty:
    """A stage that raises what it is told, so many times."""

    name, reads, writes = "faulty", "calls", "drafts"

    def __init__(self, error: BaseException, times: int = 10**6) -> None:
        self.error, self.left, self.met = error, times, 0

    async def __call__(self, event: Event) -> Sequence[Event]:
        self.met += 1
        if self.left:
            self.left -= 1
            raise self.error
        return (event,)


class Sleeper:
    def __init__(self) -> None:
        self.slept: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.slept.append(seconds)


async def parked(error: BaseException) -> tuple[DeadLettered, Faulty, Sleeper]:
    stage, sleep = Faulty(error), Sleeper()
    (letter,) = await step(stage, encode(EVENT), SOURCE, sleep)
    assert isinstance(letter.body, DeadLettered)
    assert (letter.call, letter.tenant, letter.cause) == (EVENT.call, EVENT.tenant, EVENT.id)
    return letter.body, stage, sleep


async def test_poison_is_parked_at_once_with_its_bytes() -> None:
    letter, stage, sleep = await parked(Poison("field is none of ours"))
    assert stage.met == 1 and sleep.slept == []
    assert letter.data == encode(EVENT) and "poison: field is none of ours" in letter.reason
    assert (letter.topic, letter.offset, letter.stage) == ("calls", 42, "faulty")


async def test_a_transient_failure_is_retried_within_two_seconds_and_then_parked() -> None:
    letter, stage, sleep = await parked(Transient("the store is away"))
    assert stage.met == 1 + len(BACKOFF_S) and sum(sleep.slept) <= 2.0
    assert "no answer" in letter.reason


async def test_a_transient_failure_that_mends_leaves_no_trace() -> None:
    sleep = Sleeper()
    assert await step(Faulty(Transient("away"), times=2), encode(EVENT), SOURCE, sleep) == (EVENT,)
    assert len(sleep.slept) == 2


@pytest.mark.parametrize(
    "error", [ValueError("幺三八零零一二三四五六"), KeyError("张三"), RecursionError(), MemoryError()]
)
async def test_anything_else_is_parked_with_type_and_place_but_without_the_callers_words(error: Exception) -> None:
    letter, stage, _ = await parked(error)
    assert stage.met == 1
    assert type(error).__name__ in letter.reason and "test_step" in letter.reason
    assert "幺三八" not in letter.reason and "张三" not in letter.reason


async def test_a_cancel_is_no_failure_of_the_event() -> None:
    with pytest.raises(asyncio.CancelledError):
        await step(Faulty(asyncio.CancelledError()), encode(EVENT), SOURCE, Sleeper())


async def test_the_same_bytes_give_the_same_dead_letter() -> None:
    letters = [await step(Faulty(Poison("no")), b"{]", SOURCE, Sleeper()) for _ in range(2)]
    assert letters[0] == letters[1]


async def test_bytes_that_name_a_call_are_parked_under_it() -> None:
    (letter,) = await step(Faulty(Poison("")), b'{"call":"c9","tenant":"yunlan","type":"x"}', SOURCE, Sleeper())
    assert (letter.call, letter.tenant) == ("c9", "yunlan")
