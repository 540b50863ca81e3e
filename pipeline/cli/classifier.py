"""`hotline train classifier | classify`: learn from a city's past tickets, and use what was learnt."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from pipeline.cli.output import console, existing, fail, print_json

train = typer.Typer(help="Fits models from a city's own past.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Registers these commands."""
    app.add_typer(train, name="train")
    app.command()(classify)


@train.callback()
def _group() -> None:
    """Keeps `classifier` a named command of its group."""


@train.command()
def classifier(
    data: Annotated[Path, typer.Option(help="Past tickets: JSONL or CSV.")],
    out: Annotated[Path, typer.Option(help="Folder of the model; made if need be.")],
    text: Annotated[str, typer.Option(help="Column of the text.")] = "text",
    label: Annotated[str, typer.Option(help="Column of the category or unit it was filed under.")] = "label",
) -> None:
    """Fits the classifier on all rows and saves it as plain numbers (no pickle)."""
    from routing.training import rows
    from routing.training import train as fit

    found = rows(existing(data), text, label)
    with console.status(f"fitting on {len(found)} rows"):
        model = fit(found, out)
    console.print(f"{len(found)} rows, {len(model.labels)} labels → {out}", highlight=False)


def classify(
    model: Annotated[Path, typer.Option(help="Folder of the model.")],
    top: Annotated[int, typer.Option(min=1, help="Best labels to give.")] = 3,
) -> None:
    """JSON lines in (`text`), JSON lines out (`label`, `score`, `top`). A bad line ends it, by number."""
    from routing.classifier import Classifier
    from routing.training import classify as judge

    loaded = Classifier.load(existing(model))
    for number, line in enumerate(sys.stdin.buffer, start=1):
        if not line.strip():
            continue
        try:
            row = msgspec.json.decode(line, type=dict)
            given = row["text"]
            if not isinstance(given, str):
                raise TypeError
        except (msgspec.DecodeError, KeyError, TypeError):
            fail(f'standard input, line {number}: no JSON object with a "text"')
        for verdict in judge(loaded, [given], top):
            print_json(verdict)
