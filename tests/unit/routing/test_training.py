"""Learning from past tickets: fit, keep, measure, classify; and clear words about bad files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from routing.classifier import BadModel, Classifier, Options
from routing.figures import bootstrapped_f1, macro_f1, mean, proportion
from routing.training import BadRows, Row, classify, cross_validated, evaluate, rows, train

WORDS = {"供水": "停水 水管 爆管 水压 自来水", "供电": "停电 跳闸 电表 电线 变压器", "供暖": "暖气 不热 供热 室温 热力"}
DATA = [
    Row(f"我们小区{word}了{n}天没人管", label)
    for label, words in WORDS.items()
    for n in "一二三四"
    for word in words.split()
]


def test_a_fitted_model_knows_its_labels_and_says_how_sure(tmp_path: Path) -> None:
    model = train(DATA, tmp_path / "m")
    (found,) = classify(model, ["自来水停水了"])
    assert found["label"] == "供水" and found["top"][0] == {"label": "供水", "score": found["score"]}
    assert sum(t["score"] for t in found["top"]) == pytest.approx(1.0, abs=0.01)


def test_what_is_kept_is_data_and_reads_back_the_same(tmp_path: Path) -> None:
    model = train(DATA, tmp_path)
    again = Classifier.load(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["model.json", "weights.npz"]
    np.testing.assert_array_equal(model.margins("暖气不热"), again.margins("暖气不热"))


def test_parts_joined_weigh_like_parts_of_one_text() -> None:
    model = Classifier.fit([r.text for r in DATA], [r.label for r in DATA])
    whole = model.join([model.project("停水了")])
    np.testing.assert_allclose(whole, model.margins("停水了"))
    assert model.labels[int(np.argmax(model.join([model.project("喂你好"), model.project("暖气不热")])))] == "供暖"


@pytest.mark.parametrize("broken", ["model.json", "weights.npz"])
def test_a_broken_model_says_so(tmp_path: Path, broken: str) -> None:
    train(DATA, tmp_path)
    (tmp_path / broken).unlink()
    with pytest.raises(BadModel, match=str(tmp_path.name)):
        Classifier.load(tmp_path)


def test_misheard_words_are_still_known_by_their_sound() -> None:
    model = Classifier.fit([r.text for r in DATA], [r.label for r in DATA], Options(sound=True, min_count=1))
    assert model.top("我们小区亭水了")[0][0] == "供水"  # 停 heard as 亭


def test_rows_of_jsonl_and_csv_are_the_same(tmp_path: Path) -> None:
    one, other = tmp_path / "a.jsonl", tmp_path / "b.csv"
    one.write_text("\n".join(json.dumps({"t": r.text, "l": r.label}, ensure_ascii=False) for r in DATA), "utf-8")
    other.write_text("t,l\n" + "\n".join(f"{r.text},{r.label}" for r in DATA), "utf-8-sig")
    assert rows(one, "t", "l") == rows(other, "t", "l") == DATA


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.jsonl", '{"text":"停水","label":"供水"}\n{"text":"停水"}\n', "line 2.*'label'"),
        ("a.jsonl", '{"text":"停水","label":\n', "line 1.*no JSON"),
        ("a.jsonl", "[1]\n", "line 1.*list"),
        ("a.csv", "text,label\n停水,\n", "line 2.*'label'"),
        ("a.csv", "text,label\n", "no rows"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(tmp_path: Path, name: str, text: str, says: str) -> None:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    with pytest.raises(BadRows, match=says):
        rows(path)


def test_a_report_counts_every_row_and_names_the_mistakes() -> None:
    model = Classifier.fit([r.text for r in DATA], [r.label for r in DATA])
    report = evaluate(model, [*DATA[:3], Row("停电了跳闸", "供水"), Row("停水", "没见过")])
    assert (report.n, report.unknown) == (5, 1)
    assert report.accuracy.value == 0.6 and report.accuracy.low < 0.6 < report.accuracy.high
    assert {"truth": "供水", "guess": "供电", "count": 1} in report.confusions


def test_cross_validation_judges_each_row_once_unseen() -> None:
    report = cross_validated(DATA, folds=4)
    assert report.n == len(DATA) and report.macro_f1.value > 0.9 and report.top3.value == 1.0


def test_one_label_is_nothing_to_learn() -> None:
    with pytest.raises(ValueError, match="two labels"):
        Classifier.fit(["a", "b"], ["x", "x"])


def test_wilson_interval_of_a_small_sample_is_wide() -> None:
    figure = proportion(9, 10)
    assert (figure.value, figure.n) == (0.9, 10)
    assert figure.low == pytest.approx(0.596, abs=0.001) and figure.high == pytest.approx(0.982, abs=0.001)


def test_macro_f1_counts_labels_alike() -> None:
    assert macro_f1(["a", "a", "a", "b"], ["a", "a", "a", "a"]) == pytest.approx((6 / 7 + 0) / 2)


def test_a_bootstrap_is_repeatable_and_holds_its_value() -> None:
    truth, guess = ["a", "b"] * 40, (["a", "b"] * 30) + ["a", "a"] * 10
    one, other = bootstrapped_f1(truth, guess), bootstrapped_f1(truth, guess)
    assert one == other and one.low < one.value < one.high
    assert mean([0.0, 1.0] * 50).value == 0.5
