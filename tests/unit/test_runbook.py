"""The runbook keeps pace: every alarm has its section, every command it names exists."""

from __future__ import annotations

import re
from pathlib import Path

import typer
from typer.main import get_command

from pipeline.cli.main import app

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs/operations.md").read_text(encoding="utf-8")


def sections() -> dict[str, str]:
    """Alarm → its section."""
    parts = re.split(r"^### (\w+)$", TEXT, flags=re.M)
    return {name: re.split(r"^## ", body, flags=re.M)[0] for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def test_every_alarm_has_its_section_and_no_section_is_left_over() -> None:
    rules = "\n".join(p.read_text(encoding="utf-8") for p in sorted((ROOT / "deploy/prometheus").glob("*.y*ml")))
    alarms = re.findall(r"^\s*- alert:\s*(\w+)", rules, re.M)
    assert alarms
    assert sorted(alarms) == sorted(sections())


def test_every_section_says_what_it_means_why_and_what_to_do() -> None:
    for name, section in sections().items():
        for heading in ("* **Means**:", "* **Causes**:", "* **Do**:"):
            assert heading in section, f"{name} lacks {heading}"


def test_every_command_named_exists() -> None:
    root = get_command(app)
    named = set(re.findall(r"hotline ([a-z]+)\s?([a-z]*)", TEXT))
    assert len(named) > 15
    wrong = []
    for first, second in named:
        command = root.commands.get(first)  # type: ignore[attr-defined]
        if command is None:
            wrong.append(first)
        elif isinstance(command, typer.core.TyperGroup) and second not in command.commands:
            wrong.append(f"{first} {second}")
    assert not wrong


def test_every_measurement_named_exists() -> None:
    from schemas import metrics

    known = (ROOT / "schemas/metrics.py").read_text(encoding="utf-8")
    assert metrics
    assert not {name for name in re.findall(r"hotline_[a-z_]+", TEXT) if name not in known}
