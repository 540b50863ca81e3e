"""The words of the language and of a city: kept whole, read back as written, honest about what it is measured on."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.asr.training.citywords import CityWords
from pipeline.asr.training.sentence import is_held_out
from pipeline.asr.wording.city import city_lexicon, make_lexicon
from pipeline.asr.wording.counts import lexicon_of
from pipeline.asr.wording.lexicon import EDGE, BadLexicon, Lexicon
from routing.city.load import city_dir


def test_a_lexicon_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    made = lexicon_of(["听松社区的路灯不亮"], ["听松社区"], "r1")
    made.write(tmp_path / "words.bin")
    assert Lexicon.read(tmp_path / "words.bin") == made


def test_a_file_that_is_no_lexicon_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "words.bin").write_bytes(b"\x93abc")
    with pytest.raises(BadLexicon, match=r"words\.bin"):
        Lexicon.read(tmp_path / "words.bin")


def test_a_failed_write_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "words.bin"
    lexicon_of([], [], "old").write(path)
    with pytest.raises(TypeError):
        Lexicon(revision="new", words={object(): 1.0}, follow={}, met={}).write(path)  # type: ignore[dict-item]
    assert Lexicon.read(path).revision == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["words.bin"]


def test_names_stay_whole_and_pairs_are_counted() -> None:
    made = lexicon_of(["望岳区听松社区", "望岳区听松社区的路灯"], ["听松社区", "望岳区"])
    assert made.follow["望岳区"] == {"听松社区": 2}
    assert made.logprob("望岳区", "听松社区") > made.logprob("的", "听松社区")
    assert made.logprob(EDGE, "望岳区") > made.logprob(EDGE, "路灯")


def test_a_word_no_list_holds_is_unlikely_not_impossible() -> None:
    made = lexicon_of([], [])
    assert made.logprob(EDGE, "驙驙") < made.logprob(EDGE, "投诉") < 0


def test_another_pack_has_another_lexicon(tmp_path: Path) -> None:
    shipped, mine = city_dir("yunlan"), tmp_path / "yunlan"
    mine.mkdir()
    for path in shipped.glob("*.json*"):
        (mine / path.name).write_bytes(path.read_bytes())
    (mine / "places.jsonl").write_bytes(b'{"code":"p-01","name":"\xe6\x96\xb0\xe5\x8c\xba","level":"district"}\n')
    one, other = city_lexicon(shipped, tmp_path), city_lexicon(mine, tmp_path)
    assert one != other
    assert "听松社区" in Lexicon.read(one).words
    assert Lexicon.read(one).revision in one.name


def test_what_the_ear_is_measured_on_has_no_part_in_the_lexicon_it_is_measured_with() -> None:
    city = city_dir("yunlan")
    held = [text for n, (_, text) in enumerate(CityWords.load(city).examples) if is_held_out(f"ex{n}")]
    whole, honest = make_lexicon(city), make_lexicon(city, held_out=False)
    assert len(held) > 50
    assert sum(whole.met.values()) > sum(honest.met.values())
    assert make_lexicon(city, held_out=False) == honest
