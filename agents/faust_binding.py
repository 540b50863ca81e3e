"""The stages on Kafka: Faust agents take the records of a stage's topic off its partitions and hand them to the work.

Faust deals the partitions among processes and delivers. It is not asked what has been done: it acknowledges an event
whose agent raised, and notes a position past records that it left out while partitions moved. Both are harmless, for
whoever does the work (`Work`) keeps a position of its own and looks up what was not delivered.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Protocol

import faust
import msgspec
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread

SESSION_S = 20.0  # a process that is silent this long has lost its partitions
HEARTBEAT_S = 1.0
REBALANCE_S = 60.0  # longest that others wait for a process to give its partitions up
COMMIT_S = 0.5
AHEAD = 512  # records per agent that are fetched but not yet handed on
STOPPING_S = 10.0

Places = Mapping[str, frozenset[int]]  # topic → partitions


class Brokers(msgspec.Struct, frozen=True, kw_only=True):
    """How Faust reaches Kafka."""

    servers: Sequence[str]  # host:port
    group: str
    topic: Callable[[str], str]  # ours → the broker's name
    tls: bool = False
    authority: str = ""  # file of the certificate authority
    mechanism: str = ""  # of SASL; empty = none
    user: str = ""
    password: str = ""


class Delivered(msgspec.Struct, frozen=True, kw_only=True):
    """One record, as it lay on its partition."""

    topic: str  # ours
    partition: int
    offset: int
    key: bytes
    value: bytes
    at: float  # unix seconds
    done: Callable[[], None]  # tells Faust that it need not come again


class Work(Protocol):
    """What is done with the records, by whoever holds the partitions."""

    async def deliver(self, record: Delivered) -> None:
        """Takes a record; returns when there is room for the next of any partition."""

    async def pause(self) -> None:
        """The partitions are being dealt anew: returns when nothing is under way on any of them."""

    async def hold(self, places: Places) -> None:
        """These partitions are ours now, and no others."""


class FaustBinding:
    """One Faust app with one agent per topic; made anew whenever Faust has given up."""

    def __init__(self, brokers: Brokers, topics: Sequence[str], work: Work) -> None:
        self._brokers, self._topics, self._work = brokers, tuple(topics), work
        self._names = {brokers.topic(topic): topic for topic in topics}

    async def run(self, stop: asyncio.Event) -> None:
        """Takes part until `stop`. Raises what Faust gave up on."""
        logging.getLogger("faust").setLevel(logging.ERROR)  # its tables of partitions are no log of a house
        logging.getLogger("aiokafka").setLevel(logging.ERROR)
        with tempfile.TemporaryDirectory(prefix="faust-") as folder:
            app = self._app(folder)
            async with _started(app):
                stopping, ended = asyncio.ensure_future(stop.wait()), asyncio.ensure_future(app.wait_until_stopped())
                await asyncio.wait({stopping, ended}, return_when=asyncio.FIRST_COMPLETED)
                stopping.cancel()
                ended.cancel()
                await self._work.pause()
            if app.crashed and app.crash_reason is not None:
                raise app.crash_reason

    def _app(self, folder: str) -> Any:
        brokers = self._brokers
        app: Any = faust.App(
            brokers.group,
            broker=[f"kafka://{server}" for server in brokers.servers],
            broker_credentials=_credentials(brokers),
            broker_session_timeout=SESSION_S,
            broker_heartbeat_interval=HEARTBEAT_S,
            broker_rebalance_timeout=REBALANCE_S,
            broker_commit_interval=COMMIT_S,
            consumer_auto_offset_reset="earliest",
            stream_buffer_maxsize=AHEAD,
            stream_wait_empty=False,  # `pause` waits for the work, which is not in Faust's hands
            topic_allow_declare=False,
            topic_disable_leader=True,
            table_standby_replicas=0,
            store="memory://",
            web_enabled=False,
            datadir=folder,
            autodiscover=False,
        )
        for topic in self._topics:
            channel = app.topic(
                brokers.topic(topic), key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
            )
            app.agent(channel, name=f"{topic}.work", concurrency=1)(self._agent(topic))
        app.on_partitions_revoked.connect(self._revoked, weak=False)
        app.on_partitions_assigned.connect(self._assigned, weak=False)
        return app

    def _agent(self, topic: str) -> Callable[[Any], Any]:
        async def agent(stream: Any) -> None:
            unacknowledged = stream.noack()
            async for event in unacknowledged.events():
                message = event.message
                await self._work.deliver(
                    Delivered(
                        topic=topic,
                        partition=message.partition,
                        offset=message.offset,
                        key=message.key or b"",
                        value=message.value,
                        at=message.timestamp,
                        done=event.ack,
                    )
                )

        return agent

    async def _revoked(self, app: Any, revoked: object, **options: Any) -> None:
        await self._work.pause()

    async def _assigned(self, app: Any, assigned: Any, **options: Any) -> None:
        places: dict[str, frozenset[int]] = {topic: frozenset() for topic in self._topics}
        for place in assigned:
            topic = self._names[place.topic]
            places[topic] |= {place.partition}
        await self._work.hold(places)


class _Unwaited(AIOKafkaConsumerThread.Worker):  # type: ignore[misc, valid-type]
    """The thread of Faust's consumer: it holds up no process that ends, though its broker answers nothing."""

    def __init__(self, *parts: Any, **options: Any) -> None:
        super().__init__(*parts, **options)
        self.daemon = True


AIOKafkaConsumerThread.Worker = _Unwaited


@contextlib.asynccontextmanager
async def _started(app: Any) -> AsyncIterator[None]:
    app.finalize()
    try:
        await app.start()
        yield
    finally:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(app.stop(), STOPPING_S)


def _credentials(brokers: Brokers) -> Any:
    context = ssl.create_default_context(cafile=brokers.authority or None) if brokers.tls else None
    if brokers.mechanism:
        return faust.SASLCredentials(
            username=brokers.user, password=brokers.password, ssl_context=context, mechanism=brokers.mechanism
        )
    return faust.SSLCredentials(context) if context else None
