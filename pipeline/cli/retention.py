"""`hotline retention`: how long what is kept, who lets it go, what it weighs, and what is there now."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from pipeline.cli.output import console, fail, print_json, settings


def retention(
    calls: Annotated[int, typer.Option(min=1, help="Calls a day to reckon with.")] = 70_000,
    minutes: Annotated[float, typer.Option(min=0.1, help="Length of a call, minutes.")] = 3.0,
    json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False,
) -> None:
    """Prints, for each topic and kind of row, how long it is kept and by whom it is let go, and what is there now.

    Exit code 1 when something is older than it may be.
    """
    from pipeline.run.retention_table import retention_table

    rows = retention_table(settings(), calls, minutes)
    if json:
        for row in rows:
            print_json(row)
    else:
        load, names = (
            f"{calls} calls of {minutes:g} min a day",
            ("in", "what", "kept", "a day", "full", "oldest", "there now", "let go by"),
        )
        table = Table(title=f"at {load}", title_justify="left", box=None, padding=(0, 1))
        who = list(dict.fromkeys(row.by for row in rows))  # said once below, so that a line of the table is one line
        for name in names:
            table.add_column(name, no_wrap=True, justify="right" if name in ("a day", "full") else "left")
        for row in rows:
            now = f"{row.rows}" + (f", {_size(row.bytes)}" if row.bytes >= 0 else "") if row.rows >= 0 else "–"
            kept = "for good" if row.hours is None else f"{row.hours:g} h"
            full = "grows" if row.budget is None else _size(row.budget)
            by = f"({who.index(row.by) + 1})"
            table.add_row(row.where, row.what, kept, _size(row.per_day), full, row.oldest or "–", now, by)
        console.print(table)
        for n, by in enumerate(who, 1):
            console.print(f"({n}) {by}", highlight=False)
        console.print(f"sum of what does not grow: {_size(sum(row.budget or 0.0 for row in rows))}", highlight=False)
    late = [row.what for row in rows if row.overdue]
    if late:
        fail(f"older than they may be: {', '.join(late)}")


def _size(count: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.2f} TB"
