"""Blocking questions to Kafka: one that never ends costs its own asker only."""

from __future__ import annotations

import asyncio
import threading

import pytest
from kafka.errors import KafkaTimeoutError

from pipeline.log.kafka_options import KafkaOptions
from pipeline.log.kafka_questions import STUCK_S, Questions
from pipeline.log.ports import LogUnavailable

OPTIONS = KafkaOptions(servers="127.0.0.1:1")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_answers_come_in_turn_and_faults_say_what_could_not_be_asked() -> None:
    questions, order = Questions(OPTIONS), list[int]()

    def fails() -> None:
        raise KafkaTimeoutError("too long")

    try:
        assert await asyncio.gather(*(questions.ask(lambda n=n: order.append(n) or n) for n in range(50))) == [
            *range(50)
        ]
        assert order == [*range(50)]
        with pytest.raises(LogUnavailable, match=r"127\.0\.0\.1:1: KafkaTimeoutError: too long"):
            await questions.ask(fails)
        with pytest.raises(LogUnavailable, match="nothing is known of 'lane'"):
            await questions.ask(lambda: {}["lane"])
        with pytest.raises(ZeroDivisionError):
            await questions.ask(lambda: 1 // 0)
    finally:
        questions.close(10)


async def test_a_question_that_stands_still_is_left_behind_and_the_next_are_answered() -> None:
    clock, begun, go_on = Clock(), threading.Event(), threading.Event()
    questions = Questions(OPTIONS, clock, look_s=0.01)

    def never() -> str:
        begun.set()
        assert go_on.wait(60)
        return "too late"

    stuck = asyncio.create_task(questions.ask(never))
    behind = asyncio.create_task(questions.ask(lambda: threading.current_thread()))
    try:
        await asyncio.to_thread(begun.wait, 60)
        first = [t for t in threading.enumerate() if t.name == "kafka questions"]
        clock.now = STUCK_S - 1
        done, _ = await asyncio.wait({stuck, behind}, timeout=0.1)
        assert not done, "it might still have answered"
        clock.now = STUCK_S + 1
        with pytest.raises(LogUnavailable, match="no answer within 60 s"):
            await asyncio.wait_for(stuck, 30)
        assert await asyncio.wait_for(behind, 30) not in first
        go_on.set()
        for thread in first:
            if thread is not questions._thread:
                await asyncio.to_thread(thread.join, 30)
        assert await questions.ask(lambda: "still here") == "still here", "who was left behind has no say any more"
    finally:
        go_on.set()
        questions.close(10)


async def test_a_long_question_that_goes_on_is_waited_for() -> None:
    clock = Clock()
    questions = Questions(OPTIONS, clock, look_s=0.001)

    def long() -> int:
        for _ in range(20):
            clock.now += STUCK_S / 2
            questions.going_on()
        return 20

    try:
        assert await asyncio.wait_for(questions.ask(long), 30) == 20
    finally:
        questions.close(10)
