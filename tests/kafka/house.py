"""The same calls on record in two houses: an embedded one, and one on Kafka; for the tests that look on from outside."""

from __future__ import annotations

import asyncio
import os
import sys
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.stages.material import call_events
from pipeline.log.kafka import KafkaConnection, KafkaLane, lane_of
from pipeline.log.kafka_options import KafkaOptions
from pipeline.log.kafka_topics import create_topics
from pipeline.log.ports import Record
from pipeline.log.sqlite import SqliteLog
from pipeline.run.opening import LOG
from schemas import Event
from schemas.audio import Frame, frame_head, frame_key
from schemas.codec import encode
from schemas.topics import AUDIO, CALLS, LANES, TOPICS
from tests.kafka.at_work import understood

AT = 1_795_000_000.0  # unix seconds of the first record


class Clock:
    """Moves on by itself, a little at each look."""

    def __init__(self) -> None:
        self.now = AT

    def __call__(self) -> float:
        self.now += 0.0125
        return self.now


async def embedded(home: Path, streams: Sequence[Sequence[Event]]) -> None:
    """A house's log with sound, events and what the stages made of them."""
    log = SqliteLog(home / LOG, clock=Clock())
    for stream in streams:
        call = stream[0].call
        await log.append(CALLS, call, encode(stream[0]))
        for n in range(5):
            frame = Frame(
                call=call, leg="caller", seq=n, sample_pos=n * 800, codec="PCMA", rate=8000, data=b"\xd5" * 800, recv_mono=n
            )  # fmt: skip
            await log.append(AUDIO, frame_key(call, "caller"), frame.data, frame_head(frame))
        for event in stream[1:]:
            await log.append(CALLS, call, encode(event))
    await understood(log)
    await log.close()


async def on_kafka(
    servers: str, home: Path, change: Callable[[Record], bytes] = lambda record: record.value
) -> KafkaOptions:
    """The log of an embedded house, record by record, in the lanes of one on Kafka."""
    options = KafkaOptions(servers=servers, prefix=f"{uuid.uuid4().hex[:8]}.")
    # the broker judges age by its own clock, and the records are of another day
    await asyncio.to_thread(create_topics, options, LANES, {"retention.ms": "-1"})
    connection, log = await KafkaConnection.open(options), SqliteLog(home / LOG)
    now = [0.0]
    lanes = [KafkaLane(connection, n, clock=lambda: now[0]) for n in range(LANES)]
    for topic in (t for t in TOPICS.values() if t.durable):
        for record in await log.read(topic.name, 0, 100_000):
            now[0] = record.at
            await lanes[lane_of(record.key)].append(topic.name, record.key, change(record), record.head)
    await log.close()
    await connection.close()
    return options


def settings_of(options: KafkaOptions, home: Path) -> dict[str, str]:
    """The environment of a command that looks at that house."""
    return {"HOTLINE_HOME": str(home), "HOTLINE_KAFKA": options.servers, "HOTLINE_KAFKA_PREFIX": options.prefix}


async def invoked(arguments: Sequence[str], env: dict[str, str]) -> tuple[int, str]:
    """Exit code and output of a command, in a process of its own."""
    command = [sys.executable, "-c", "from pipeline.cli.main import run; run()", *arguments]
    pipe = asyncio.subprocess.PIPE
    made = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=pipe, env=os.environ | env)
    said, _ = await made.communicate()
    return made.returncode or 0, said.decode()


STREAMS = [call_events(n) for n in (0, 2, 5)]
