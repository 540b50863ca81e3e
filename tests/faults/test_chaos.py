"""Faults at random, by seed, while calls ring and people decide: afterwards everything promised has been kept.

`make chaos SEEDS=1..20 SECONDS=60 CALLS=50` goes on for as long as one likes. A seed that failed is run again by
`pytest tests/faults/test_chaos.py --chaos-seeds 7`, with the options it was run with.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.conftest import ground
from tests.faults.schedule import perform, schedule

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]
FIXED = ((1, 11), (1, 12), (3, 13))  # brokers and seed, where none are asked for


def seeds_of(text: str) -> list[int]:
    """ "1..3,7" → 1, 2, 3, 7."""
    found: list[int] = []
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("..")
        found += range(int(first), int(last or first) + 1)
    return found


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        asked = seeds_of(metafunc.config.getoption("--chaos-seeds"))
        brokers = metafunc.config.getoption("--chaos-brokers")
        metafunc.parametrize(("brokers", "seed"), [(brokers, seed) for seed in asked] or FIXED)


async def test_a_house_broken_at_random_keeps_its_promises(
    brokers: int, seed: int, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    seconds, calls = pytestconfig.getoption("--chaos-seconds"), pytestconfig.getoption("--chaos-calls")
    each = pytestconfig.getoption("--chaos-each")
    plan = schedule(seed, seconds, calls, brokers, each)
    with ground(tmp_path, brokers, each) as made:
        trial = await made.trial(f"seed-{seed}")
        try:
            await perform(plan, trial, made)
            await trial.check()
        except BaseException as error:
            error.add_note(f"brokers {brokers}, {each} of each, {plan}\n{made.house.told()}")
            raise


def test_a_seed_is_a_schedule() -> None:
    assert schedule(3, 60.0, 20, 3, 2) == schedule(3, 60.0, 20, 3, 2)
    assert schedule(3, 60.0, 20, 3, 2) != schedule(4, 60.0, 20, 3, 2)
    assert seeds_of("1..3,7") == [1, 2, 3, 7]
