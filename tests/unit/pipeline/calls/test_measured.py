"""Drafts of made-up calls: a floor under what was measured, and the measure itself told right from wrong."""

from __future__ import annotations

import pytest

from agents.city import City
from agents.evaluation import FieldsReport, evaluate_tried
from pipeline.calls.generate import Plan, made_up
from pipeline.run.field_trial import try_call
from tests.city import the_city


async def figures(city: City, plan: Plan) -> FieldsReport:
    took: list[float] = []
    tried = [await try_call(city, call, call.turns, "yunlan", took) for call in made_up(plan, city.index)]
    assert len(took) > plan.talks
    return evaluate_tried(tried)


@pytest.fixture(scope="module")
def city() -> City:
    return the_city()


async def test_drafts_of_made_up_calls_hold_the_level_that_was_measured(city: City) -> None:
    report = await figures(city, Plan(talks=40, seed=3, split="test"))
    assert report.f1.value >= 0.84
    assert report.phone_exact.value >= 0.95
    assert report.place_exact.value >= 0.85
    assert report.matters_right.value >= 0.9
    assert report.seconds_to_fill["median"] == 0.0


async def test_danger_to_life_is_heard_and_look_alikes_raise_little(city: City) -> None:
    report = await figures(city, Plan(talks=0, life=108, calm=108, seed=4, split="test"))
    assert report.life_missed.n == report.false_alarms.n == 108
    assert report.life_missed.value <= 0.03
    assert report.false_alarms.value <= 0.03


async def test_noise_costs_but_does_not_break(city: City) -> None:
    clean = await figures(city, Plan(talks=15, seed=3, split="test"))
    noisy = await figures(city, Plan(talks=15, seed=3, split="test", noise=0.3))
    assert 0 < noisy.f1.value < clean.f1.value
