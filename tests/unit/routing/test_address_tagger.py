"""The address tagger: learns where the parts of an address begin and end, and reads its label files with care."""

from __future__ import annotations

from pathlib import Path

import pytest

from routing.address_tagger import AddressTagger, BadAddresses, Labelled, phrases, read_bio
from routing.address_trial import try_addresses


def labelled(*parts: tuple[str, str]) -> Labelled:
    text = "".join(words for words, _ in parts)
    labels = [f"{'B' if n == 0 else 'I'}-{kind}" for words, kind in parts for n in range(len(words))]
    return text, tuple(labels)


PLACES = [("澄湖区", "梧桐路"), ("临江区", "官渡路"), ("古塔区", "西关大街"), ("望岳区", "学宫路")]
DATA = [
    labelled((district, "district"), (road, "road"), (f"{number}号", "roadno"))
    for district, _ in PLACES
    for _, road in PLACES
    for number in (3, 15, 208)
]


def test_parts_of_an_unseen_combination_are_found() -> None:
    seen = [row for row in DATA if not row[0].startswith("澄湖区官渡路")]
    tagger = AddressTagger.fit(seen)
    assert phrases(tagger.label("澄湖区官渡路15号")) == {(0, 3, "district"), (3, 6, "road"), (6, 9, "roadno")}


def test_fitting_again_gives_the_same_tagger() -> None:
    assert AddressTagger.fit(DATA[:20]).label("古塔区学宫路7号") == AddressTagger.fit(DATA[:20]).label(
        "古塔区学宫路7号"
    )


def test_figures_are_perfect_only_when_every_phrase_is() -> None:
    report = try_addresses(DATA, DATA)
    assert report.phrase_f1.value == 1.0 and report.whole.value == 1.0
    assert report.whole.low < 1.0
    wrong = [(text, ("B-poi", *labels[1:])) for text, labels in DATA]
    assert try_addresses(DATA, wrong).whole.value == 0.0


def test_a_phrase_without_its_beginning_still_counts_as_one() -> None:
    assert phrases(["I-road", "I-road", "O", "B-city"]) == {(0, 2, "road"), (3, 4, "city")}


def test_a_broken_label_file_is_named_by_line(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("澄 B-district\n湖区 I-district\n", encoding="utf-8")
    with pytest.raises(BadAddresses, match="line 2"):
        read_bio(path)
    path.write_text("\n\n", encoding="utf-8")
    with pytest.raises(BadAddresses, match="no addresses"):
        read_bio(path)
