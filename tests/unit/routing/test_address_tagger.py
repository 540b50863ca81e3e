"""The address tagger: learns where the parts of an address begin and end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.address_bio import phrases, words
from routing.address_lexicon import PhraseLexicon
from routing.address_linear import LinearOptions, LinearScorer
from routing.address_model import load_linear, save_linear
from routing.address_tagger import AddressTagger
from routing.address_trial import try_addresses
from routing.model_folder import BadModel
from tests.unit.routing.addresses import DATA, labelled

QUICK = LinearOptions(rounds=12, drop=0.2)
SCORER = LinearScorer.fit(DATA, QUICK)
TAGGER = AddressTagger([SCORER])


def test_parts_of_an_unseen_combination_are_found() -> None:
    seen = [row for row in DATA if "".join(row[0]) != "澄湖区官渡路15号"]
    tagger = AddressTagger([LinearScorer.fit(seen, QUICK)])
    parts = tagger.parts("澄湖区官渡路15号")
    assert [(p.text, p.kind) for p in parts] == [("澄湖区", "district"), ("官渡路", "road"), ("15号", "roadno")]


def test_a_number_not_seen_before_is_a_number_like_others() -> None:
    assert [p.text for p in TAGGER.parts("古塔区学宫路977号")] == ["古塔区", "学宫路", "977号"]


def test_parts_say_where_they_stand_and_how_sure_they_are() -> None:
    text = "望岳区 梧桐路15号"
    parts = TAGGER.parts(text)
    assert all(text[p.start : p.end] == p.text and 0 < p.confidence <= 1 for p in parts)
    assert TAGGER.parts("") == TAGGER.parts("  ") == ()


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="澄湖区梧桐路号某0289AbZ- ，龘", max_size=25))
def test_any_text_gets_one_label_per_word_in_good_order(text: str) -> None:
    cut = [word for _, word in words(text)]
    [labels] = TAGGER.label([cut])
    assert len(labels) == len(cut)
    for before, label in zip(("O", *labels), labels, strict=False):
        assert label[0] != "I" or before[2:] == label[2:]
    assert len(phrases(labels)) == len(TAGGER.parts(text))


def test_fitting_again_gives_the_same_weights() -> None:
    again = LinearScorer.fit(DATA, QUICK)
    assert again.known == SCORER.known
    assert (again.weights == SCORER.weights).all() and (again.steps == SCORER.steps).all()


def test_a_saved_tagger_reads_back_as_it_was(tmp_path: Path) -> None:
    save_linear(SCORER, tmp_path)
    texts = ["澄湖区学宫路3号", "不在册的地方"]
    assert [AddressTagger([load_linear(tmp_path)]).parts(t) for t in texts] == [TAGGER.parts(t) for t in texts]


def test_a_changed_or_foreign_model_is_refused(tmp_path: Path) -> None:
    save_linear(SCORER, tmp_path)
    head = json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))
    (tmp_path / "model.json").write_text(json.dumps({**head, "labels": ["O"]}), encoding="utf-8")
    with pytest.raises(BadModel):
        load_linear(tmp_path)
    with pytest.raises(BadModel):
        load_linear(tmp_path / "nowhere")


def test_figures_are_perfect_only_when_every_phrase_is() -> None:
    report = try_addresses(TAGGER, DATA, len(DATA))
    assert report.phrase_f1.value == 1.0 and report.whole.value == 1.0 and report.whole.low < 1.0
    assert report.kinds["road"] == (1.0, len(DATA))
    wrong = [(text, ("B-poi", *labels[1:])) for text, labels in DATA]
    assert try_addresses(TAGGER, wrong, len(DATA)).whole.value == 0.0


def test_scorers_of_other_labels_are_not_heard_together() -> None:
    other = LinearScorer.fit([labelled(("澄湖区", "district"))] * 2, LinearOptions(rounds=1))
    with pytest.raises(ValueError, match="same labels"):
        AddressTagger([SCORER, other])


def test_a_lexicon_does_not_tell_an_address_of_itself() -> None:
    once, twice = labelled(("学宫路", "road")), labelled(("官渡路", "road"))
    lexicon = PhraseLexicon.of([once, twice, twice])
    assert lexicon.signs(once[0], once[1]) == [["zM"]] * 3
    assert "zBroad" in lexicon.signs(twice[0], twice[1])[0]
    assert "zBroad" in lexicon.signs(once[0])[0]
