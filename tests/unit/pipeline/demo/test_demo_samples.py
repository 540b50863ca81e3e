"""The sample calls as the demo plays them: at whose desk, and whose number is known."""

from __future__ import annotations

from pipeline.demo.samples import as_calls, callers_before, samples


def test_callers_who_say_they_called_before_did_so_in_the_history():
    known = {familiar.number: familiar for familiar in callers_before(samples())}
    assert known["13305884478"].category == "c-070201"
    assert known["13605887341"].times == 3


def test_each_play_is_a_call_of_its_own_and_one_in_four_waits_in_the_queue():
    calls = as_calls(samples())
    assert len({call.source for call in (*calls, *as_calls(samples()))}) == 2 * len(calls)
    assert sum(call.agent is None for call in calls) == len(calls) // 4
