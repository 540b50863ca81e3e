"""One fault at a time, in a live call: what was promised holds, and the house comes back by itself."""

from __future__ import annotations

import pytest

from tests.faults.trial import Trial

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]


async def test_without_any_fault_a_call_becomes_a_ticket_that_arrives(trial: Trial) -> None:
    callers = trial.ring(2)
    trial.meanwhile(trial.decided(callers))
    await trial.over()
    kept = await trial.check()
    assert kept.accepted, "the city's system has a ticket"
