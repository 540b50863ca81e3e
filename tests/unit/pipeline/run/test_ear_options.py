"""What the ear is told by the settings."""

from __future__ import annotations

import math
from pathlib import Path

from pipeline.asr.wording.lexicon import Lexicon
from pipeline.run.ear import ear_options, recording_options, words_file
from pipeline.settings import Settings


def test_the_width_of_the_search_is_left_to_the_model_at_hand_or_as_set() -> None:
    assert ear_options(Settings()).decode.beam is None
    assert ear_options(Settings(asr_beam=2)).decode.beam == 2


def test_the_words_of_the_city_are_made_once_and_kept(tmp_path: Path) -> None:
    settings = Settings(models=tmp_path)
    first = Path(words_file(settings))
    made = first.stat().st_mtime_ns
    assert Path(words_file(settings)) == first
    assert first.stat().st_mtime_ns == made
    assert Lexicon.read(first).logprob("望岳区", "听松社区") > Lexicon.read(first).logprob("望岳区", "听风")


def test_no_words_are_chosen_where_the_settings_say_so(tmp_path: Path) -> None:
    assert words_file(Settings(models=tmp_path, asr_words=False)) == ""
    assert not list(tmp_path.iterdir())


def test_nothing_is_left_out_of_a_recording() -> None:
    batch = recording_options(Settings()).batch
    assert batch.partial_most_s == batch.partial_busy_s == batch.partial_budget_s == math.inf
