"""A process killed or told to stop in live calls: what was promised holds, and the next life goes on."""

from __future__ import annotations

import asyncio

import pytest

from pipeline.failpoint import VARIABLE
from schemas.calls import CallEnded
from schemas.topics import CALLS
from tests.faults.trial import Trial

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]
KILLED = -9


async def test_without_any_fault_a_call_becomes_a_ticket_that_arrives(trial: Trial) -> None:
    callers = trial.ring(2)
    trial.meanwhile(trial.decided(callers))
    await trial.over()
    kept = await trial.check()
    assert kept.accepted, "the city's system has a ticket"


async def test_a_transcriber_killed_in_mid_utterance_costs_no_word(trial: Trial) -> None:
    callers = trial.ring(2)
    trial.meanwhile(trial.decided(callers))
    await trial.midst(callers)
    trial.house["transcriber-1"].kill()
    trial.house.start("transcriber-1")
    await trial.check()


@pytest.mark.parametrize("place", ["stages.before_append", "stages.after_append"])
async def test_stages_killed_around_their_output_make_it_once(trial: Trial, place: str) -> None:
    house = trial.house
    house["stages-1"].stop()
    house.start("stages-1", **{VARIABLE: f"{place}:6"})
    callers = trial.ring(2)
    trial.meanwhile(trial.decided(callers))
    await trial.ended("stages-1", KILLED)
    house.start("stages-1")
    await trial.check()


async def test_a_relay_killed_between_publishing_and_noting_tells_it_once(trial: Trial) -> None:
    house = trial.house
    house["relay-1"].stop()
    house.start("relay-1", **{VARIABLE: "relay.after_append"})
    callers = trial.ring(1, agent=None)
    trial.meanwhile(trial.decided(callers))
    await trial.ended("relay-1", KILLED)
    house.start("relay-1")
    kept = await trial.check()
    mine = [found.value for found in kept.records[CALLS] if found.key == callers[0].call]
    assert len(set(mine)) < len(mine), "it was published twice, under one id"


@pytest.mark.parametrize("place", ["decision.before_commit", "decision.after_commit"])
async def test_a_console_killed_during_a_decision_decides_once(trial: Trial, place: str) -> None:
    house = trial.house
    house["console-1"].stop()
    house.start("console-1", **{VARIABLE: place})
    callers = trial.ring(1, pace=3.0)
    trial.meanwhile(trial.decided(callers))
    await trial.ended("console-1", KILLED)
    house.start("console-1")
    await trial.check()
    first = next(given for given in trial.history if given.body["call"] == callers[0].call)
    assert first.answers[0].came == "unknown" and first.answers[-1].came == "ok"


async def test_lanes_that_move_from_one_to_three_and_back_cost_nothing(trial: Trial) -> None:
    callers = trial.ring(3)
    trial.meanwhile(trial.decided(callers))
    await trial.midst(callers, 0.2)
    new = [f"{kind}-{n}" for n in (2, 3) for kind in ("stages", "transcriber")]
    await asyncio.to_thread(trial.house.start, *new)
    late = trial.ring(2)
    trial.meanwhile(trial.decided(late))
    await trial.midst(late, 0.5)
    await asyncio.to_thread(trial.house.dismiss, "stages-2", "transcriber-2", "stages-3", "transcriber-3")
    await trial.check()


async def test_owners_that_stand_still_and_wake_again_do_no_harm(trial: Trial) -> None:
    house = trial.house
    await asyncio.to_thread(house.start, "stages-2", "transcriber-2")
    callers = trial.ring(3)
    trial.meanwhile(trial.decided(callers))
    await trial.midst(callers, 0.3)
    for name in ("stages-1", "transcriber-1"):
        house[name].pause()
    await asyncio.sleep(26.0)  # past the session timeout: the others have the lanes
    for name in ("stages-1", "transcriber-1"):
        house[name].resume()
    await trial.over()
    await asyncio.to_thread(house.dismiss, "stages-2", "transcriber-2")
    await trial.check()


async def test_a_call_goes_on_at_another_gateway_when_its_own_is_killed(trial: Trial) -> None:
    house = trial.house
    await asyncio.to_thread(house.start, "gateway-2")
    callers = trial.ring(4)
    trial.meanwhile(trial.decided(callers))
    await trial.midst(callers)
    assert {caller.lines[0].door for caller in callers} == set(house.urls("gateway"))
    house["gateway-1"].kill()
    await trial.over()
    await asyncio.to_thread(house.start, "gateway-1")
    kept = await trial.check()
    await asyncio.to_thread(house.dismiss, "gateway-2")
    reasons = {e.call: e.body.reason for e in kept.events(CALLS) if isinstance(e.body, CallEnded)}
    assert [reasons[caller.call] for caller in callers] == ["stopped"] * 4


async def test_a_gateway_and_stages_told_to_stop_in_live_calls_hand_over(trial: Trial) -> None:
    house = trial.house
    await asyncio.to_thread(house.start, "gateway-2", "stages-2")
    callers = trial.ring(4)
    trial.meanwhile(trial.decided(callers))
    await trial.midst(callers, 0.3)
    stopped = [asyncio.to_thread(house[name].stop) for name in ("gateway-1", "stages-1")]
    assert await asyncio.gather(*stopped) == [0, 0]
    await trial.over()
    await asyncio.to_thread(house.start, "gateway-1", "stages-1")
    await asyncio.to_thread(house.dismiss, "gateway-2", "stages-2")
    await trial.check()
