"""The command line as a newcomer meets it: help for everything, one line for every fault, exit codes that say which."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli.main import app

RUN = CliRunner()
COMMANDS = [
    "demo", "serve", "play", "transcribe", "train classifier", "evaluate classifier", "evaluate speech", "evaluate fields",
    "evaluate address",
    "evaluate answers", "classify", "db migrate", "story", "replay", "models list", "models fetch", "models verify", "doctor",
    "city check", "settings", "handoffs list", "handoffs show", "handoffs retry", "users add", "speech synth", "speech train", "speech merge", "speech evaluate", "speech samples",
    "dead list", "dead show", "dead repair", "dead replay", "dead discard", "backup", "restore", "retention", "topics asyncapi",
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    result = RUN.invoke(app, [*command.split(), "--help"])
    assert result.exit_code == 0
    assert "Usage:" in result.stdout


def test_the_shipped_city_is_whole() -> None:
    assert RUN.invoke(app, ["city", "check", "yunlan"]).exit_code == 0


def test_a_broken_city_is_named_by_file_and_line(tmp_path: Path) -> None:
    from routing.city.load import city_dir

    for file in city_dir("yunlan").iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    lines = (tmp_path / "units.jsonl").read_text(encoding="utf-8").splitlines()
    lines[2] = lines[2].replace('"kind"', '"kinnd"')
    (tmp_path / "units.jsonl").write_text("\n".join(lines), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", "from pipeline.cli.main import run; run()", "city", "check", str(tmp_path)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "units.jsonl" in done.stderr and "3" in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["play", "no-such.wav", "--to", "ws://127.0.0.1:1/", "--token", "x" * 16], "no-such.wav"),
        (["play", __file__, "--to", "ws://127.0.0.1:1/", "--token", "x", "--pace", "slow"], "--pace slow"),
        (["play", __file__, "--to", "ws://127.0.0.1:1/"], "no token"),
        (["transcribe", "no-such.wav"], "no-such.wav"),
        (["users", "add", "x", "--name", "x", "--role", "king"], "--role king"),
    ],
)
def test_a_wrong_use_ends_with_2_and_says_what_was_wrong(arguments: list[str], says: str) -> None:
    result = RUN.invoke(app, arguments, env={"HOTLINE_SWITCHES": "", "COLUMNS": "200"})
    assert result.exit_code == 2
    assert says in result.output


def test_a_bad_setting_is_refused_by_its_name() -> None:
    result = RUN.invoke(app, ["settings"], env={"HOTLINE_PORT": "99999999"})
    assert result.exit_code == 2
    assert "HOTLINE_PORT" in result.output


def test_settings_say_where_a_value_comes_from_and_hide_tokens() -> None:
    result = RUN.invoke(
        app, ["settings", "--json"], env={"HOTLINE_PORT": "8400", "HOTLINE_SWITCHES": "fs=0123456789abcdefg"}
    )
    values = json.loads(result.stdout)
    assert values["HOTLINE_PORT"] == {"value": "8400", "from": "environment"}
    assert values["HOTLINE_HOST"]["from"] == "default"
    assert "0123456789abcdefg" not in result.stdout


def test_a_classifier_is_fitted_measured_and_used(tmp_path: Path) -> None:
    rows = [{"text": f"小区停水没有水{n}", "label": "供水"} for n in range(12)]
    rows += [{"text": f"工地夜里施工噪音{n}", "label": "噪音"} for n in range(12)]
    data = tmp_path / "past.jsonl"
    data.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    model = tmp_path / "model"
    assert RUN.invoke(app, ["train", "classifier", "--data", str(data), "--out", str(model)]).exit_code == 0
    page = tmp_path / "report.html"
    measured = RUN.invoke(
        app, ["evaluate", "classifier", "--data", str(data), "--model", str(model), "--report", str(page)]
    )
    figures = json.loads(measured.stdout)
    assert figures["accuracy"]["value"] == 1.0 and figures["accuracy"]["n"] == 24
    assert figures["accuracy"]["low"] < 1.0, "an interval, not a boast"
    assert "accuracy" in page.read_text(encoding="utf-8")
    used = RUN.invoke(app, ["classify", "--model", str(model)], input='{"text": "家里停水了"}\n')
    assert json.loads(used.stdout)["label"] == "供水"
    bad = RUN.invoke(app, ["classify", "--model", str(model)], input='{"text": "好"}\n{"txt": 1}\n')
    assert bad.exit_code == 1 and "line 2" in bad.output


def test_search_is_measured_on_outside_data(tmp_path: Path) -> None:
    passages, questions = tmp_path / "p.jsonl", tmp_path / "q.jsonl"
    passages.write_text(
        '{"id": "1", "text": "计划停水提前24小时公告。"}\n{"id": "2", "text": "养犬须办理登记。"}\n', encoding="utf-8"
    )
    questions.write_text('{"question": "停水会提前公告吗", "passage": "1"}\n', encoding="utf-8")
    result = RUN.invoke(app, ["evaluate", "answers", "--passages", str(passages), "--questions", str(questions)])
    assert json.loads(result.stdout)["recall_at_1"]["value"] == 1.0
