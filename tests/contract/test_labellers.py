"""Every classifier keeps the same promises, whatever it is made of."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from agents.models.dense import DenseLabeller
from agents.models.embedding import E5, open_embedding
from agents.models.ensemble import EnsembleLabeller
from agents.models.fitting import KINDS, Plan, fit
from agents.models.near import Likeness, NearLabeller
from agents.models.opening import open_labeller
from routing.classifier import Classifier, Options
from routing.labelling import Labeller
from routing.model_folder import HEAD, BadModel
from routing.training import Row, classify, evaluate
from tests.contract.a_bert import encoder

WORDS = {"供水": "停水 水管 爆管 水压 自来水", "供电": "停电 跳闸 电表 电线 变压器", "供暖": "暖气 不热 供热 室温 热力"}
DATA = [
    Row(f"我们小区{word}了{n}天没人管", label)
    for label, words in WORDS.items()
    for n in "一二三四"
    for word in words.split()
]
TEXTS, LABELS = [row.text for row in DATA], [row.label for row in DATA]
NOWHERE = Path("/nonexistent")  # no bge there: the embedding of a package is taken


@pytest.fixture(scope="module")
def all_kinds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Labeller]:
    folder = tmp_path_factory.mktemp("labellers")
    linear = Classifier.fit(TEXTS, LABELS, Options(high=2, sound=False))
    dense = DenseLabeller.fit(open_embedding(E5, NOWHERE), TEXTS, LABELS)
    made = encoder(folder / "encoder", TEXTS, LABELS)
    return {
        "linear": linear,
        "dense": dense,
        "near": NearLabeller.fit(open_embedding(E5, NOWHERE), TEXTS, LABELS)[0],
        "encoder": made,
        "ensemble": EnsembleLabeller([linear, dense, made], [0.6, 0.8, 0.2]),
    }


@pytest.fixture(params=[kind for kind in KINDS if kind != "auto"])
def labeller(request: pytest.FixtureRequest, all_kinds: dict[str, Labeller]) -> Labeller:
    return all_kinds[request.param]


@pytest.fixture
def kept(labeller: Labeller, tmp_path: Path) -> Path:
    labeller.save(tmp_path / "kept")
    return tmp_path / "kept"


def test_shares_add_up_and_the_right_label_leads(labeller: Labeller) -> None:
    shares = labeller.shares(TEXTS)
    assert shares.shape == (len(TEXTS), 3) and labeller.labels == ("供暖", "供水", "供电")
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, atol=1e-9)
    assert evaluate(labeller, DATA).accuracy.value > 0.9


def test_a_text_is_judged_alike_alone_and_among_others(labeller: Labeller) -> None:
    texts = ["停水", "暖气不热" * 20, "", "小区电表跳闸"]
    together = labeller.shares(texts)
    np.testing.assert_allclose(together, np.concatenate([labeller.shares([t]) for t in texts]), atol=2e-3)
    np.testing.assert_array_equal(together, labeller.shares(texts))


def test_what_is_kept_is_data_and_judges_the_same_when_read_back(labeller: Labeller, kept: Path) -> None:
    again = open_labeller(kept, NOWHERE)
    assert (again.kind, again.labels, again.threshold) == (labeller.kind, labeller.labels, labeller.threshold)
    np.testing.assert_allclose(again.shares(TEXTS), labeller.shares(TEXTS), atol=1e-6)
    kinds = {path.suffix for path in kept.rglob("*") if path.is_file()}
    assert kinds <= {".json", ".npz", ".onnx"}


def test_reasons_are_words_of_the_text_or_its_meaning(labeller: Labeller) -> None:
    text = "我们小区停水了三天没人管"
    reasons = labeller.explain(text, "供水")
    assert reasons and all(reason.weight > 0 for reason in reasons)
    assert all(reason.words in text or reason.words.startswith("（") for reason in reasons)
    assert any("水" in reason.words for reason in reasons)
    with pytest.raises(ValueError, match="没见过"):
        labeller.explain(text, "没见过")


def test_a_changed_file_is_refused_by_name(kept: Path) -> None:
    for path in sorted(p for p in kept.rglob("*") if p.is_file()):
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        with pytest.raises(BadModel, match=path.name):
            open_labeller(kept, NOWHERE)
        path.write_bytes(whole)
    open_labeller(kept, NOWHERE)


def test_a_missing_file_is_told_by_name(kept: Path) -> None:
    for path in sorted(p for p in kept.rglob("*") if p.is_file()):
        away = path.rename(path.with_name("away"))
        with pytest.raises(BadModel, match=path.name):
            open_labeller(kept, NOWHERE)
        away.rename(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda head: head.pop("labels"),
        lambda head: head.update(labels=["一", "二"]),
        lambda head: head.update(threshold=0.0001),
        lambda head: head.update(kind="oracle"),
        lambda head: head.update(format=99),
    ],
)
def test_a_head_that_was_tampered_with_is_refused(kept: Path, change: Callable[[dict[str, object]], object]) -> None:
    head = json.loads((kept / HEAD).read_text("utf-8"))
    change(head)
    (kept / HEAD).write_text(json.dumps(head), "utf-8")
    with pytest.raises(BadModel, match=HEAD):
        open_labeller(kept, NOWHERE)


def test_below_its_threshold_it_abstains(labeller: Labeller) -> None:
    before = labeller.threshold
    try:
        labeller.threshold = 1.01
        (verdict,) = classify(labeller, ["停水了"], why=True)
        assert verdict["abstain"] is True and verdict["why"]
        labeller.threshold = 0.01
        (verdict,) = classify(labeller, ["停水了"])
        assert verdict["abstain"] is False
    finally:
        labeller.threshold = before


def test_an_old_folder_still_reads(tmp_path: Path) -> None:
    model = Classifier.fit(TEXTS, LABELS)
    model.save(tmp_path)
    head = json.loads((tmp_path / HEAD).read_text("utf-8"))
    for name in ("kind", "files", "seal", "sharpness", "threshold"):
        head.pop(name)
    head["options"].pop("balance")
    (tmp_path / HEAD).write_text(json.dumps({**head, "format": 1}), "utf-8")
    np.testing.assert_array_equal(open_labeller(tmp_path, NOWHERE).shares(TEXTS), model.shares(TEXTS))


@pytest.mark.parametrize("kind", ["linear", "dense", "near", "ensemble"])
def test_fitting_twice_gives_the_same_calibrated_model(kind: str, tmp_path: Path) -> None:
    plan = Plan(kind=kind, models=NOWHERE)
    one, other = fit(TEXTS, LABELS, plan, tmp_path), fit(TEXTS, LABELS, plan, tmp_path)
    assert one.kind == kind and 0 < one.threshold <= 1.01
    np.testing.assert_array_equal(one.shares(TEXTS), other.shares(TEXTS))
    assert (one.sharpness, one.threshold) == (other.sharpness, other.threshold)


def test_both_scripts_are_one_to_the_joined_model(all_kinds: dict[str, Labeller]) -> None:
    here, there = all_kinds["dense"].shares(["自来水没有水压", "自來水沒有水壓"])
    np.testing.assert_allclose(here, there)


def test_what_cannot_be_fitted_says_why(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no classifier of kind"):
        fit(TEXTS, LABELS, Plan(kind="oracle", models=NOWHERE), tmp_path)
    with pytest.raises(ValueError, match="two labels"):
        fit(TEXTS, ["一"] * len(TEXTS), Plan(kind="linear", models=NOWHERE), tmp_path)
    with pytest.raises(RuntimeError, match="encoder cannot be trained here"):
        fit(TEXTS, LABELS, Plan(kind="encoder", models=NOWHERE), tmp_path)


def test_what_a_row_gets_when_left_out_is_what_a_model_without_it_gives() -> None:
    """The closed form is the truth: checked by fitting once more without one row."""
    embedding = open_embedding(E5, NOWHERE)
    options = Likeness(options=Options(high=2, sound=False, min_count=1))
    _, judged = NearLabeller.fit(embedding, TEXTS, LABELS, options)
    without, _ = NearLabeller.fit(embedding, TEXTS[1:], LABELS[1:], options)
    np.testing.assert_allclose(without.margins(TEXTS[:1])[0], judged.scores[0], atol=0.12)
