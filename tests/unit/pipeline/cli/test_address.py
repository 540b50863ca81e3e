"""The commands of the address tagger: learn, use, measure, and clear words when not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli.main import app
from tests.unit.routing.addresses import DATA

RUN = CliRunner()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "addresses.txt"
    rows = ["\n".join(f"{word} {label}" for word, label in zip(*row, strict=True)) for row in DATA]
    path.write_text("\n\n".join(rows), encoding="utf-8")
    return path


def test_a_tagger_is_trained_and_used(data: Path, tmp_path: Path) -> None:
    model = str(tmp_path / "model")
    done = RUN.invoke(app, ["train", "address", "--data", str(data), "--out", model, "--kind", "linear"])
    assert done.exit_code == 0, done.output
    used = RUN.invoke(app, ["parse-address", "--model", model], input="古塔区学宫路208号\n\n")
    first, empty = (json.loads(line) for line in used.stdout.splitlines())
    assert [(part["text"], part["kind"]) for part in first["parts"]] == [
        ("古塔区", "district"),
        ("学宫路", "road"),
        ("208号", "roadno"),
    ]
    assert empty == {"text": "", "parts": []}


def test_it_is_measured_with_n_and_intervals(data: Path) -> None:
    done = RUN.invoke(app, ["evaluate", "address", "--train", str(data), "--test", str(data), "--kind", "linear"])
    assert done.exit_code == 0, done.output
    figures = json.loads(done.stdout)
    assert figures["kinds_of_model"] == ["linear"] and figures["trained_on"] == len(DATA)
    assert figures["whole"]["n"] == figures["phrase_f1"]["n"] == len(DATA)
    assert figures["phrase_f1"]["low"] <= figures["phrase_f1"]["value"] <= figures["phrase_f1"]["high"]


def test_what_cannot_be_done_is_said(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_MODELS", str(tmp_path / "none"))
    given = ["train", "address", "--data", str(data), "--out", str(tmp_path / "m"), "--kind"]
    assert "linear, encoder, ensemble" in str(RUN.invoke(app, [*given, "no-kind"]).exception)
    assert "hotline models fetch bge-small-zh" in str(RUN.invoke(app, [*given, "ensemble"]).exception)
    assert "no address tagger" in str(RUN.invoke(app, ["parse-address", "--model", str(tmp_path)]).exception)
