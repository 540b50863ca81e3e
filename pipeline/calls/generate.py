"""Made-up calls: so many talks, dangers and harmless look-alikes of one pool, over the demo city."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec

from pipeline.calls.danger import danger_call
from pipeline.calls.made import MadeCall, Split
from pipeline.calls.noise import noisy
from pipeline.calls.places import Places
from pipeline.calls.talk import Talker

if TYPE_CHECKING:
    from routing.city.index import CityIndex


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How many of which."""

    talks: int
    life: int = 0
    calm: int = 0
    seed: int = 1
    split: Split = "test"
    noise: float = 0.0  # share of characters disturbed


def made_up(plan: Plan, index: CityIndex) -> Iterator[MadeCall]:
    """The calls of a plan, talks first. The same plan makes the same calls."""
    places = Places(index.pack.places)
    talker = Talker(places, plan.split, index.zone, index.pack.manifest.area_code)
    for n in range(plan.talks):
        yield _heard(talker.call(plan.seed, n), plan.noise)
    for n in range(plan.life):
        yield _heard(danger_call(places, plan.split, "life", plan.seed, n), plan.noise)
    for n in range(plan.calm):
        yield _heard(danger_call(places, plan.split, "calm", plan.seed, n), plan.noise)


def _heard(call: MadeCall, noise: float) -> MadeCall:
    return noisy(call, noise) if noise else call
