"""How wide the ear searches: greedily while somebody waits, with a beam for recordings, as told where told."""

from __future__ import annotations

from pipeline.run.ear import PATIENT_BEAM, ear_options, in_no_hurry
from pipeline.settings import Settings


def test_live_calls_leave_the_width_to_the_model_at_hand() -> None:
    assert ear_options(Settings()).decode.beam is None


def test_recordings_are_searched_with_a_beam() -> None:
    assert ear_options(in_no_hurry(Settings())).decode.beam == PATIENT_BEAM


def test_a_width_that_was_set_holds_everywhere() -> None:
    set_to_two = Settings(asr_beam=2)
    assert ear_options(set_to_two).decode.beam == ear_options(in_no_hurry(set_to_two)).decode.beam == 2
