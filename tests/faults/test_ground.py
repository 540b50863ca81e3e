"""What the house stands on is taken away in live calls: brokers, the database, the disk. It comes back by itself."""

from __future__ import annotations

import asyncio
import os

import pytest

from pipeline.log.kafka import KafkaConnection, KafkaLane, lane_of
from schemas.topics import AUDIO, CALLS
from tests.faults.conftest import Ground
from tests.faults.person import until
from tests.faults.trial import Trial
from tests.kafka.broker import Broker

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


def broker_of(ground: Ground) -> Broker:
    assert isinstance(ground.brokers, Broker)
    return ground.brokers


async def done(*command: str) -> int:
    """Exit code of a command."""
    return await (await asyncio.create_subprocess_exec(*command)).wait()


async def test_a_broker_killed_and_started_again_loses_nothing(trial: Trial, one_house: Ground) -> None:
    callers = trial.ring(3)
    trial.meanwhile(trial.decided(callers))
    await trial.midst(callers)
    broker_of(one_house).kill()
    await asyncio.sleep(3.0)  # of outage
    await asyncio.to_thread(broker_of(one_house).start)
    await trial.check()


async def test_a_broker_that_stands_still_for_half_a_minute_loses_nothing(trial: Trial, one_house: Ground) -> None:
    callers = trial.ring(3)
    trial.meanwhile(trial.decided(callers))
    await trial.midst(callers, 0.3)
    broker_of(one_house).pause()
    await asyncio.sleep(30.0)
    broker_of(one_house).resume()
    await trial.check()


async def test_a_gateway_and_stages_end_though_no_broker_answers(trial: Trial, one_house: Ground) -> None:
    house = trial.house
    callers = trial.ring(3)
    trial.meanwhile(trial.decided(callers))
    await trial.midst(callers, 0.3)
    broker_of(one_house).pause()
    try:
        await asyncio.sleep(1.0)  # publishes are under way and blocked
        stopped = [asyncio.to_thread(house[name].stop, 60.0) for name in ("gateway-1", "stages-1")]
        await asyncio.gather(*stopped)  # raises when one does not end
    finally:
        broker_of(one_house).resume()
    await asyncio.to_thread(house.start, "gateway-1", "stages-1")
    await trial.check()


async def test_a_database_that_stands_still_decides_nothing_and_loses_nothing(trial: Trial, one_house: Ground) -> None:
    callers = trial.ring(2, pace=2.0)
    deciding = trial.meanwhile(trial.decided(callers))
    await trial.midst(callers, 0.7)
    before = len(trial.history)
    one_house.pause_database(True)
    try:
        await asyncio.sleep(30.0)
        answers = [answer for given in trial.history[before:] for answer in given.answers]
        assert all(answer.came != "ok" for answer in answers)
    finally:
        one_house.pause_database(False)
    await deciding
    await trial.check()


async def test_what_nobody_can_read_is_parked_and_its_call_goes_on(trial: Trial) -> None:
    callers = trial.ring(2)
    trial.meanwhile(trial.decided(callers))
    await trial.midst(callers, 0.3)
    poisoned = callers[0].call
    trial.poisoned.append(poisoned)
    connection = await KafkaConnection.open(trial.house.options)
    lane = KafkaLane(connection, lane_of(poisoned))
    for bytes_ in (b"{ this is no event", b"\xff\xfe", b"null", b'{"id":"x","type":"no.such","v":1}'):
        await lane.append(CALLS, poisoned, bytes_)
    await connection.close()
    await trial.check()


async def test_frames_written_twice_and_late_are_heard_once(trial: Trial) -> None:
    callers = trial.ring(1)
    trial.meanwhile(trial.decided(callers))
    call = callers[0].call
    connection = await KafkaConnection.open(trial.house.options)
    lane = KafkaLane(connection, lane_of(call))
    for share in (0.3, 0.5, 0.7):
        await trial.midst(callers, share)
        frames = [r for r in await lane.between(AUDIO, 0, limit=100_000) if r.key.startswith(call)]
        for again in (frames[-1], frames[len(frames) // 2], frames[0], *frames[-4:]):
            await lane.append(AUDIO, again.key, again.value, again.head)
    await connection.close()
    await trial.check()


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
async def test_a_full_disk_refuses_loudly_and_recovers(trial: Trial, one_house: Ground) -> None:
    house = trial.house
    spool = house.folder / "gateway-1" / "spool"
    house["gateway-1"].stop()
    if await done("mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(spool)):
        house.start("gateway-1")
        pytest.skip("nothing can be mounted here")
    try:
        house.start("gateway-1")
        callers = trial.ring(5)
        await trial.midst(callers, 0.1)
        broker_of(one_house).kill()

        async def refused() -> bool:
            return any(line.code in (1013, 503) for caller in callers for line in caller.lines)

        await until(refused, "the door to say that it is full")
        await asyncio.to_thread(broker_of(one_house).start)
        trial.meanwhile(trial.decided(callers))
        await trial.check()
    finally:
        house["gateway-1"].stop()
        assert await done("umount", str(spool)) == 0
