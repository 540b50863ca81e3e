"""Documents tell the truth: every file they name exists, every rule they claim has its test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
CODE_PATH = re.compile(r"`((?:schemas|routing|agents|console|pipeline|tests|benchmarks|docs)/[\w./-]*\w)`")
LINK = re.compile(r"\]\(((?!https?:)[^)#\s]+)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: p.name)
def test_every_file_a_document_names_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = {ROOT / name for name in CODE_PATH.findall(text)}
    named |= {document.parent / name for name in LINK.findall(text)}
    made = {ROOT / "console/web/dist"}
    assert not {str(p.relative_to(ROOT)) for p in named - made if not p.exists()}


def test_every_rule_claimed_has_a_test_that_carries_its_number() -> None:
    claimed = set(re.findall(r"^\| (G\d\d) ", (ROOT / "docs/governance.md").read_text(encoding="utf-8"), re.M))
    tests = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "tests").rglob("test_*.py"))
    carried = {f"G{number}" for number in re.findall(r"pytest\.mark\.g(\d\d)\b", tests)}
    assert claimed >= {"G02", "G03", "G04", "G05", "G07"}
    assert claimed <= carried, f"no test carries {sorted(claimed - carried)}"


def test_nothing_committed_names_this_checkouts_path_or_a_registry() -> None:
    hosts = [f"{name}.org" for name in ("pypi", "python" + "hosted", "npm" + "js")] + [f"{ROOT}/"]
    import subprocess

    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.fail("not a git checkout: this promise can't be tested here")
    wrong = []
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in {".wav", ".npz", ".png", ".svg"} or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        wrong += [f"{name}: {host}" for host in hosts if host in text]
    assert not wrong, wrong
