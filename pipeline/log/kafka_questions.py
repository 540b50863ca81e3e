"""Kafka: the thread in which a process asks the brokers blocking questions, and another where that stands still."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from kafka import KafkaConsumer
from kafka.errors import KafkaError, KafkaTimeoutError

from pipeline.log.kafka_options import KafkaOptions, consuming
from pipeline.log.ports import LogUnavailable

T = TypeVar("T")
STUCK_S = 60.0  # a question silent for longer does not come back; kafka-python knows waits without an end
LOOK_S = 5.0
log_line = structlog.get_logger("kafka")

Asked = tuple[Callable[[], Any], asyncio.Future[Any]]


class _Turn:
    """One thread's time of answering."""

    def __init__(self) -> None:
        self.over = False
        self.since = 0.0  # when the question under way was begun
        self.under_way: asyncio.Future[Any] | None = None
        self.consumers: dict[str | None, KafkaConsumer] = {}


class Questions:
    """Asks one question after the other. Promise: one that never ends costs its own asker, nobody else.

    The thread is a daemon: no question holds up a process that ends.
    """

    def __init__(
        self,
        options: KafkaOptions,
        clock: Callable[[], float] = time.monotonic,
        look_s: float = LOOK_S,
        **changes: Any,  # to the settings of its consumers
    ) -> None:
        self._options = options
        self._changes = changes
        self._clock = clock
        self._look_s = look_s
        self._closed = False
        self._line: queue.SimpleQueue[Asked | None] = queue.SimpleQueue()
        self._turn = self._begin()

    async def ask(self, question: Callable[[], T]) -> T:
        """Runs a blocking question in the thread. Raises LogUnavailable."""
        if self._closed:
            raise LogUnavailable("the log is closed")
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(_heard)  # whoever asked may have gone
        self._line.put((question, answer))
        while not answer.done():
            await asyncio.wait({answer}, timeout=self._look_s)
            turn = self._turn
            if not answer.done() and turn.under_way is not None and self._clock() - turn.since > STUCK_S:
                self._leave_behind(turn)
        try:
            return answer.result()
        except KafkaError as error:
            raise LogUnavailable(f"Kafka at {self._options.servers}: {error}") from error
        except KeyError as error:  # kafka-python, when it has answers for some of the partitions only
            raise LogUnavailable(f"Kafka at {self._options.servers}: nothing is known of {error}") from error

    def consumer(self, group: str | None = None) -> KafkaConsumer:
        """A consumer that is only asked, never polled by a group. For questions."""
        consumers = self._turn.consumers
        if group not in consumers:
            consumers[group] = KafkaConsumer(
                **consuming(self._options, group and self._options.group(group)) | self._changes
            )
        return consumers[group]

    def going_on(self) -> None:
        """Says in a long question that it has not come to a stop."""
        self._turn.since = self._clock()

    def let_go(self, group: str | None) -> None:
        """Ends the consumer of a group; another is made when it is asked for. A question itself."""
        consumer = self._turn.consumers.pop(group, None)
        if consumer is not None:
            consumer.close(autocommit=False, timeout_ms=1000)

    def close(self, within_s: float) -> None:
        """Ends the thread once it has answered; blocks until then, at most `within_s`."""
        self._closed = True
        self._line.put(None)
        self._thread.join(within_s)

    def _begin(self) -> _Turn:
        turn = _Turn()
        self._thread = threading.Thread(target=self._answer, args=(turn,), name="kafka questions", daemon=True)
        self._thread.start()
        return turn

    def _leave_behind(self, turn: _Turn) -> None:
        log_line.error("kafka_question_stands_still", seconds=round(self._clock() - turn.since))
        turn.over = True
        stuck, self._turn = turn.under_way, self._begin()
        if stuck is not None and not stuck.done():
            stuck.set_exception(KafkaTimeoutError(f"no answer within {STUCK_S:.0f} s"))

    # -- the thread

    def _answer(self, turn: _Turn) -> None:
        while not turn.over:
            asked = self._line.get()
            if asked is None:
                break
            if turn.over:
                self._line.put(asked)  # for whoever answers now
                break
            question, answer = asked
            turn.since, turn.under_way = self._clock(), answer
            result: Any = None
            fault: BaseException | None = None
            try:
                result = question()
            except BaseException as error:
                fault = error
            turn.under_way = None
            _settle(answer, result, fault)
        for consumer in turn.consumers.values():
            consumer.close(autocommit=False, timeout_ms=1000)


def _settle(answer: asyncio.Future[Any], result: Any, fault: BaseException | None) -> None:
    def in_loop() -> None:
        if answer.done():  # nobody waits any more
            return
        if fault is None:
            answer.set_result(result)
        else:
            answer.set_exception(fault)

    loop = answer.get_loop()
    if not loop.is_closed():
        loop.call_soon_threadsafe(in_loop)


def _heard(answer: asyncio.Future[Any]) -> None:
    if not answer.cancelled():
        answer.exception()
