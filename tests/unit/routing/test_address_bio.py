"""Labelled addresses are read with care, and words know where they stood."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.address_bio import BadAddresses, phrases, read_bio, words
from tests.unit.routing.addresses import DATA


def test_a_phrase_without_its_beginning_still_counts_as_one() -> None:
    assert phrases(["I-road", "I-road", "O", "B-city"]) == {(0, 2, "road"), (3, 4, "city")}


def test_numbers_and_letters_stay_together() -> None:
    assert words("望江路602号 B座") == [(0, "望"), (1, "江"), (2, "路"), (3, "602"), (6, "号"), (8, "B"), (9, "座")]


@given(st.text(alphabet="澄湖区梧桐路0289AbZ-_ 　，", max_size=30))
def test_no_character_but_space_is_lost(text: str) -> None:
    found = words(text)
    assert "".join(word for _, word in found) == "".join(text.split())
    assert all(text[at : at + len(word)] == word for at, word in found)


@given(st.lists(st.sampled_from(["O", "B-road", "I-road", "B-city", "I-city"]), max_size=12))
def test_phrases_cover_what_is_labelled_and_never_overlap(labels: list[str]) -> None:
    covered = sorted(at for start, end, _ in phrases(labels) for at in range(start, end))
    assert covered == [at for at, label in enumerate(labels) if label != "O"]


def test_a_label_file_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    rows = ["\n".join(f"{word} {label}" for word, label in zip(*row, strict=True)) for row in DATA]
    path.write_text("\n\n".join(rows), encoding="utf-8")
    assert read_bio(path) == DATA


@pytest.mark.parametrize("line", ["湖区 I-district extra", "湖", "湖 district", f"{'湖' * 50} B-district", "湖 B-"])
def test_a_broken_label_file_is_named_by_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(f"澄 B-district\n{line}\n", encoding="utf-8")
    with pytest.raises(BadAddresses, match="line 2"):
        read_bio(path)


def test_an_empty_or_foreign_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("\n\n", encoding="utf-8")
    with pytest.raises(BadAddresses, match="no addresses"):
        read_bio(path)
    path.write_bytes("澄 B-district\n".encode("gb18030"))
    with pytest.raises(BadAddresses, match="UTF-8"):
        read_bio(path)
