"""A seeded schedule: which calls ring when, and what is broken meanwhile for how long. The same seed, the same schedule."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Sequence

import msgspec

from tests.faults.caller import Caller
from tests.faults.conftest import Ground
from tests.faults.house import PEOPLE
from tests.faults.trial import Trial
from tests.kafka.broker import Broker, Cluster

WORKERS = ("gateway", "transcriber", "stages", "relay", "console")
LONGEST_S = 12.0  # of one fault; owners that stand still past their session have a test of their own
FIRST_S = 2.0  # something is to be broken when the first fault comes


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """One fault and its end."""

    at_s: float
    how: str  # kill | pause | stop
    whom: str  # process, "broker-n" or "database"
    lasts_s: float

    def __str__(self) -> str:
        return f"{self.at_s:6.1f} s  {self.how} {self.whom} for {self.lasts_s:.1f} s"


class Ringing(msgspec.Struct, frozen=True, kw_only=True):
    """One call, and who sees to it afterwards."""

    at_s: float
    agent: str | None  # None = it waits to be claimed, and two try
    pace: float
    leave: float  # share of its matters that are left waiting

    def __str__(self) -> str:
        return f"{self.at_s:6.1f} s  a call for {self.agent or 'whoever claims it'} at pace {self.pace}"


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """All of one run."""

    seed: int
    acts: tuple[Act, ...]
    rings: tuple[Ringing, ...]

    def __str__(self) -> str:
        lines = sorted([*self.acts, *self.rings], key=lambda one: one.at_s)
        return f"seed {self.seed}\n" + "\n".join(str(line) for line in lines)


def schedule(seed: int, seconds: float, calls: int, brokers: int, each: int) -> Schedule:
    """`each`: how many there are of every worker."""
    dice = random.Random(seed)
    rings = tuple(
        Ringing(
            at_s=round(dice.uniform(0.0, max(0.1, seconds - 10.0)), 1),
            agent=dice.choice([*PEOPLE, None]),
            pace=dice.choice([1.0, 1.0, 2.0]),
            leave=dice.choice([0.0, 0.0, 0.3]),
        )
        for _ in range(calls)
    )
    acts: list[Act] = []
    at = FIRST_S
    while at < seconds:
        act = _fault(dice, at, seconds, brokers, each)
        if not any(_collide(act, other, brokers) for other in acts):
            acts.append(act)
        at += dice.uniform(1.0, 5.0)
    return Schedule(seed=seed, acts=tuple(acts), rings=rings)


def _fault(dice: random.Random, at: float, seconds: float, brokers: int, each: int) -> Act:
    kind = dice.choice([*WORKERS, *WORKERS, "broker", "broker", "database"])
    if kind == "database":
        how, whom = "pause", kind
    elif kind == "broker":
        how, whom = dice.choice(["kill", "pause"]), f"broker-{dice.randint(1, brokers)}"
    else:
        how, whom = dice.choice(["kill", "kill", "pause", "stop"]), f"{kind}-{dice.randint(1, each)}"
    lasts = dice.uniform(0.2, min(LONGEST_S, max(1.0, seconds - at)))
    return Act(at_s=round(at, 1), how=how, whom=whom, lasts_s=round(lasts, 1))


def _collide(one: Act, other: Act, brokers: int) -> bool:
    """One fault per victim at a time, and never two brokers: two of three are needed."""
    apart = one.at_s > other.at_s + other.lasts_s + 5.0
    both_brokers = one.whom.startswith("broker") and other.whom.startswith("broker")
    return not apart and (one.whom == other.whom or both_brokers)


async def perform(plan: Schedule, trial: Trial, ground: Ground) -> None:
    """Returns when everything is over: calls, decisions, faults; everybody may be dead or alive then."""
    for ringing in plan.rings:
        caller = trial.call(ringing.agent, ringing.pace)
        trial.meanwhile(_ring(trial, caller, ringing))
    turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
    await asyncio.gather(*(_break(act, trial, ground, turns[_victim(act.whom)]) for act in plan.acts))


async def _ring(trial: Trial, caller: Caller, ringing: Ringing) -> None:
    await asyncio.sleep(ringing.at_s)
    await caller.ring(trial.house.urls("gateway"))
    if not caller.is_over:
        return
    people: Sequence[str] = [ringing.agent] if ringing.agent else PEOPLE[:2]
    await asyncio.gather(*(trial.decided([caller], login, ringing.leave) for login in people))


async def _break(act: Act, trial: Trial, ground: Ground, turn: asyncio.Lock) -> None:
    """`turn`: whoever is slow to come back is not broken again before, however busy the machine."""
    await asyncio.sleep(act.at_s)
    async with turn:
        await asyncio.to_thread(_begin, act, trial, ground)
        await asyncio.sleep(act.lasts_s)
        await asyncio.to_thread(_end, act, trial, ground)


def _victim(whom: str) -> str:
    """Brokers count as one: two of three are needed."""
    return "broker" if whom.startswith("broker") else whom


def _begin(act: Act, trial: Trial, ground: Ground) -> None:
    if act.whom == "database":
        ground.pause_database(True)
    elif act.whom.startswith("broker"):
        broker = _broker(act.whom, ground)
        broker.pause() if act.how == "pause" else broker.kill()
    elif act.how == "kill":
        trial.house[act.whom].kill()
    elif act.how == "pause":
        trial.house[act.whom].pause()
    else:
        trial.house[act.whom].stop(90.0)


def _end(act: Act, trial: Trial, ground: Ground) -> None:
    if act.whom == "database":
        ground.pause_database(False)
    elif act.whom.startswith("broker"):
        broker = _broker(act.whom, ground)
        if act.how == "pause":
            broker.resume()
        else:
            broker.start()
    elif act.how == "pause":
        trial.house[act.whom].resume()
    elif not trial.house[act.whom].is_alive:
        trial.house[act.whom].start()


def _broker(name: str, ground: Ground) -> Broker:
    n = int(name.partition("-")[2])
    return ground.brokers.brokers[n - 1] if isinstance(ground.brokers, Cluster) else ground.brokers
