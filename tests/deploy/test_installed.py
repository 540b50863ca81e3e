"""What is installed carries all it needs: the house runs from the package alone, far from its sources."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("schemas/", "routing/", "agents/", "console/", "pipeline/")
PAGE = ("console/web/dist/index.html", "console/web/dist/assets/app.js")  # stands for the page, which node builds
LOOK = """
import importlib.resources as r, json, pathlib
import console.desk, pipeline, schemas
from pipeline.asr.models.known import table
from pipeline.asr.models.merged import card
from pipeline.demo.samples import samples
from pipeline.store.migrate import FOLDER
print(json.dumps({
    "from": str(pathlib.Path(pipeline.__file__).parents[1]),
    "page": sorted(str(p.relative_to(console.desk.WEB_DIST)) for p in console.desk.WEB_DIST.rglob("*.*")),
    "migrations": sorted(p.stem for p in (FOLDER / "versions").glob("0*.py")),
    "examples": len(list(pathlib.Path(schemas.__file__).parent.glob("examples/*/v*/*.json"))),
    "models": len(table().models),
    "adapter": card().strength,
    "samples": len(samples()),
}))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, built from the committed files and the page, installed without network into a folder."""
    sources, target = tmp_path_factory.mktemp("sources"), tmp_path_factory.mktemp("installed")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.fail("not a git checkout: this promise can't be tested here")
    for name in filter(None, listed.stdout.split("\0")):
        wanted = "/" not in name or name.startswith(PACKAGES)
        if wanted and (ROOT / name).is_file():
            (sources / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, sources / name)
    for part in PAGE:
        (sources / part).parent.mkdir(parents=True, exist_ok=True)
        (sources / part).write_text("as built", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    done = subprocess.run([*command, "--target", str(target), str(sources)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return target


def run(installed: Path, folder: Path, *command: str) -> str:
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(installed)}
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout + done.stderr


def test_it_carries_page_cities_models_migrations_examples_and_samples(installed: Path, tmp_path: Path) -> None:
    found = msgspec.json.decode(run(installed, tmp_path, "-c", LOOK))
    assert found["from"] == str(installed)
    assert found["page"] == ["assets/app.js", "index.html"]
    assert found["migrations"] == sorted(p.stem for p in (ROOT / "pipeline/store/migrations/versions").glob("0*.py"))
    assert found["examples"] == len(list((ROOT / "schemas/examples").glob("*/v*/*.json"))) > 0
    assert found["samples"] == len(list((ROOT / "pipeline/samples/calls").glob("*.json"))) > 0
    assert found["models"] > 0 and found["adapter"] > 0


def test_its_commands_run_far_from_the_sources(installed: Path, tmp_path: Path) -> None:
    hotline = str(installed / "bin" / "hotline")
    assert "gateway" in run(installed, tmp_path, hotline, "--help")
    assert "whole" in run(installed, tmp_path, hotline, "city", "check", "yunlan")
    assert "up to date" in run(installed, tmp_path, hotline, "db", "migrate")
    assert (tmp_path / "var" / "store.db").is_file()


def test_nothing_of_tests_or_benchmarks_is_carried(installed: Path) -> None:
    assert not {"tests", "benchmarks"} & {path.name for path in installed.iterdir()}
