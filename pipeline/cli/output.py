"""What the commands print: progress on the error stream, results on the output stream, faults in one line."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, NoReturn

import msgspec
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from pipeline.settings import PREFIX, Settings

console = Console(stderr=True)


def fail(message: str, code: int = 1) -> NoReturn:
    """Ends the program with a message on the error stream."""
    console.print(f"hotline: {message}", style="red", markup=False, highlight=False, soft_wrap=True)
    sys.exit(code)


def print_json(value: Any) -> None:
    """One JSON value on one line of the output stream, Chinese unescaped."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
    sys.stdout.flush()


def progress(unit: str = "") -> Progress:
    """A progress bar on the error stream; silent where that is no terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def settings(**changes: Any) -> Settings:
    """Settings from the environment, with the command's own options on top. A bad one ends the program by name."""
    try:
        return Settings(**{name: value for name, value in changes.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + str(first["loc"][0]).upper()
        fail(f"setting {name}: {first['msg']}", code=2)


def existing(path: Path) -> Path:
    """The path, or an end of the program that names it."""
    if not path.exists():
        fail(f"{path}: no such file or folder", code=2)
    return path


def origin_of(name: str) -> str:
    """Where a setting's value comes from."""
    return "environment" if (PREFIX + name).upper() in os.environ else "default"
