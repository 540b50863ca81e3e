"""Kafka: a member of a group that shares out the lanes among its processes. Only who does what is agreed here."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterable

import structlog
from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import KafkaError

from pipeline.log.kafka_options import KafkaOptions, consuming

GIVE_UP_S = 12.0  # time to bring the work on a lane to a good end before another process takes it
SESSION_S = 20.0  # a process that is silent this long has lost its lanes; more than GIVE_UP_S, which keeps it silent
POLL_MS = 200
TRY_AGAIN_S = 0.5
STUCK_S = 60.0  # a poll that takes longer does not come back; more than giving lanes up may take
ENDING_S = GIVE_UP_S + 5.0
LOOK_S = 5.0
log_line = structlog.get_logger("kafka")

Change = Callable[[frozenset[int]], Awaitable[None]]  # hears which lanes


class _Turn:
    """One thread's time as a member."""

    def __init__(self) -> None:
        self.stop = threading.Event()
        self.ended = asyncio.Event()  # in the loop
        self.beat = time.monotonic()  # when its poll last came back
        self.fault: BaseException | None = None


class Member:
    """Holds a share of the lanes. Promise: a lane is never held by two members that can reach the brokers.

    Records are not read through it: a lane's readers keep their own positions (`KafkaLane`).
    """

    def __init__(self, options: KafkaOptions, group: str, topic: str, *, taken: Change, given_up: Change) -> None:
        """`taken` starts the work on lanes, `given_up` returns when it has ended; both in the loop of `run`."""
        self._options = options
        self._group = f"{group}.lanes"
        self._topic = options.topic(topic)
        self._taken, self._given_up = taken, given_up
        self._turn: _Turn | None = None
        self.lanes: frozenset[int] = frozenset()

    async def run(self, stop: asyncio.Event) -> None:
        """Takes part until `stop`; then gives its lanes up and leaves, so that others have them at once.

        kafka-python's poll may stand still for good after its coordinator went away: then its thread is left behind,
        without lanes, and another takes part instead. No such thread holds up a process that ends.
        """
        self._loop = asyncio.get_running_loop()
        turn = self._begin()
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set() and not turn.ended.is_set():
                ended = asyncio.create_task(turn.ended.wait())
                await asyncio.wait({stopping, ended}, timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED)
                ended.cancel()
                if not stop.is_set() and time.monotonic() - turn.beat > STUCK_S:
                    await self._leave_behind(turn)
                    turn = self._begin()
        finally:
            stopping.cancel()
            turn.stop.set()
            try:
                await asyncio.wait_for(turn.ended.wait(), ENDING_S)
            except TimeoutError:
                await self._leave_behind(turn)
        if turn.fault is not None:
            raise turn.fault

    def _begin(self) -> _Turn:
        turn = self._turn = _Turn()
        threading.Thread(target=self._take_part, args=(turn,), name="kafka member", daemon=True).start()
        return turn

    async def _leave_behind(self, turn: _Turn) -> None:
        log_line.error("kafka_member_stands_still", group=self._group, lanes=sorted(self.lanes))
        turn.stop.set()
        self._turn = None
        lanes, self.lanes = self.lanes, frozenset()
        if lanes:
            await self._given_up(lanes)

    # -- the thread

    def _take_part(self, turn: _Turn) -> None:
        try:
            while not turn.stop.is_set():
                try:
                    self._be_member(turn)
                except (KafkaError, KeyError) as error:
                    log_line.warning("kafka_member_waits", group=self._group, reason=type(error).__name__)
                    self._change(turn, self._given_up, self.lanes)
                    turn.stop.wait(TRY_AGAIN_S)
                    turn.beat = time.monotonic()
        except BaseException as fault:
            turn.fault = fault
        finally:
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(turn.ended.set)

    def _be_member(self, turn: _Turn) -> None:
        consumer = KafkaConsumer(
            **consuming(self._options, self._options.group(self._group)),
            partition_assignment_strategy=[CooperativeStickyAssignor],
            session_timeout_ms=int(SESSION_S * 1000),
        )
        try:
            # who leads the group must know the lanes before the first share-out: one made without them might stand
            consumer.partitions_for_topic(self._topic)
            consumer.subscribe([self._topic], listener=_Listener(consumer, self, turn))
            while not turn.stop.is_set():
                consumer.poll(timeout_ms=POLL_MS)
                turn.beat = time.monotonic()
            self._change(turn, self._given_up, self.lanes)
        finally:
            consumer.close(autocommit=False, timeout_ms=3000)

    def _change(self, turn: _Turn, tell: Change, lanes: Iterable[int]) -> None:
        """Has the loop know, and waits until it is done with it. Whoever was left behind has no say any more."""
        if turn is not self._turn:
            return
        if tell is self._taken:
            moved = frozenset(lanes) - self.lanes
            self.lanes |= moved
        else:
            moved = frozenset(lanes) & self.lanes
        if moved:
            try:
                asyncio.run_coroutine_threadsafe(self._tell(tell, moved), self._loop).result(GIVE_UP_S)
            except TimeoutError:
                log_line.error("kafka_member_cuts_short", group=self._group, lanes=sorted(moved))
        if tell is self._given_up:
            self.lanes -= moved

    @staticmethod
    async def _tell(tell: Change, lanes: frozenset[int]) -> None:
        await tell(lanes)


class _Listener(ConsumerRebalanceListener):
    """Hears in the consumer's thread what the group has agreed."""

    def __init__(self, consumer: KafkaConsumer, member: Member, turn: _Turn) -> None:
        self._consumer, self._member, self._turn = consumer, member, turn

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        places = list(assigned)
        if places:
            self._consumer.pause(*places)  # membership is all that is wanted of it, no records
        self._member._change(self._turn, self._member._taken, (place.partition for place in places))

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        self._member._change(self._turn, self._member._given_up, (place.partition for place in revoked))

    def on_partitions_lost(self, lost: Iterable[TopicPartition]) -> None:
        self.on_partitions_revoked(lost)
