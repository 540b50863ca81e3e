"""`hotline handoffs`: dispatched tickets on their way to the city's ticket system."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.table import Table

from pipeline.cli.output import console, fail, print_json, settings

if TYPE_CHECKING:
    from pipeline.store.sql_store import SqlStore
    from schemas.desk import HandoffState, HandoffView

app = typer.Typer(help="Dispatched tickets on their way to the city's ticket system.", no_args_is_help=True)
T = TypeVar("T")
STATES = ("held", "waiting", "delivered", "parked")


@app.command("list")
def show_all(
    state: Annotated[str, typer.Option(help="held, waiting, delivered or parked; all when left out.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Most of them, newest first.")] = 50,
    json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False,
) -> None:
    """Lists hand-offs, newest first. `held`: dispatched before this house handed anything off."""
    from pipeline.store import handoff_rows

    if state and state not in STATES:
        fail(f"--state {state}: one of {', '.join(STATES)}", code=2)
    wanted: HandoffState | None = state or None  # type: ignore[assignment]
    found = _with_store(lambda store: store.read(lambda c: handoff_rows.newest(c, wanted, limit)))
    if json:
        for view in found:
            print_json(view)
        return
    table = Table("id", "ticket", "version", "unit", "state", "tries", "last", "receipt or reason")
    for view in found:
        row = (view.id, view.ticket, str(view.version), view.unit_name, view.state, str(view.tries), view.at)
        table.add_row(*row, _end_of(view))
    console.print(table)


@app.command()
def show(id_: Annotated[str, typer.Argument(metavar="ID", help="Id of the hand-off.")]) -> None:
    """Prints one hand-off as JSON: how far it is, and the body as it goes out. It holds names and numbers."""
    from pipeline.store import handoff_rows

    view, body = _with_store(
        lambda store: store.read(lambda c: (handoff_rows.of_id(c, id_), handoff_rows.whole(c, id_)))
    )
    if view is None:
        fail(f"no hand-off {id_!r}")
    print_json({"state": view, "body": body})


@app.command()
def retry(id_: Annotated[str, typer.Argument(metavar="ID", help="Id of a parked or held hand-off.")]) -> None:
    """Has a hand-off tried again, at once and for as long as the first time; the ticket's history says so."""
    from pipeline.store import handoff_queue

    now = datetime.now(UTC)
    if not _with_store(lambda store: store.write(lambda tx: handoff_queue.retry_by_operator(tx, id_, now))):
        fail(f"{id_!r} is no hand-off that was given up, or a later version of its ticket has taken its place")
    console.print(f"{id_} is due again", highlight=False)


def _end_of(view: HandoffView) -> str:
    if view.state == "delivered":
        return view.receipt or "taken without a receipt"
    return " ".join(filter(None, (view.reason, f"HTTP {view.status}" if view.status else "", view.said)))


def _with_store(act: Callable[[SqlStore], Awaitable[T]]) -> T:
    from pipeline.run.opening import open_store

    async def run() -> T:
        store = open_store(settings())
        try:
            return await act(store)
        finally:
            await store.close()

    return asyncio.run(run())
