"""Stereo split: every byte to its channel, none lost, none swapped."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.ingest.interleave import split


def test_g711_is_interleaved_by_byte() -> None:
    assert split(b"AaBbCc", 2, 1) == [b"ABC", b"abc"]


def test_l16_is_interleaved_by_sample() -> None:
    assert split(b"A1a2B3b4", 2, 2) == [b"A1B3", b"a2b4"]


def test_mono_passes_as_it_is() -> None:
    assert split(b"abcd", 1, 2) == [b"abcd"]


@settings(deadline=None)  # a busy machine is no failure
@given(st.lists(st.tuples(st.binary(min_size=2, max_size=2), st.binary(min_size=2, max_size=2)), max_size=200))
def test_interleaving_what_was_split_gives_the_message_again(groups: list[tuple[bytes, bytes]]) -> None:
    left, right = split(b"".join(a + b for a, b in groups), 2, 2)
    assert left == b"".join(a for a, _ in groups)
    assert right == b"".join(b for _, b in groups)
