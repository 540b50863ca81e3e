"""`hotline settings | story | replay | doctor | db | dead`: looking at the house from outside."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from rich.table import Table

from pipeline.cli import backup, dead, retention
from pipeline.cli.output import console, fail, origin_of, print_json, settings

db = typer.Typer(help="The store.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Registers these commands."""
    app.command("settings")(show_settings)
    app.command()(story)
    app.command()(replay)
    app.command()(doctor)
    app.add_typer(db, name="db")
    app.add_typer(dead.app, name="dead")
    backup.add_to(app)
    app.command()(retention.retention)


@db.callback()
def _group() -> None:
    """Keeps `migrate` a named command of its group."""


@db.command()
def migrate() -> None:
    """Brings the store's tables to this version. Safe to repeat."""
    from pipeline.run.opening import open_store

    url = settings().database_url
    asyncio.run(open_store(settings()).close())
    console.print(f"{url.split('@')[-1]}: tables are up to date", highlight=False)


def show_settings(json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> None:
    """Prints every setting: its value, where that came from, and what it means. Secrets are not shown."""
    values = settings()
    rows = []
    for name, field in type(values).model_fields.items():
        rows.append((f"HOTLINE_{name.upper()}", str(getattr(values, name)), origin_of(name), field.description or ""))
    if json:
        print_json({name: {"value": value, "from": origin} for name, value, origin, _ in rows})
        return
    table = Table("setting", "value", "from", "meaning")
    for row in rows:
        table.add_row(*row)
    console.print(table)


def story(
    call: Annotated[str, typer.Argument(help="Id of the call.")],
    json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False,
) -> None:
    """Tells everything that happened to a call, in order, with causes."""
    from pipeline.run.opening import look_at_log, where_log_is
    from pipeline.story import Line, tell

    async def read() -> list[Line]:
        log = look_at_log(settings())
        try:
            return await tell(await log.call(call), call)
        finally:
            await log.close()

    lines = asyncio.run(read())
    if not lines:
        fail(f"no call {call!r} in {where_log_is(settings())}")
    for line in lines:
        if json:
            print_json(line)
        else:
            print(f"{line.at:32}  {line.topic:11} {line.type:22} {line.says}")
            if line.cause:
                print(f"{'':32}  because of {line.cause}")


def replay(
    call: Annotated[str | None, typer.Argument(help="Id of the call; all calls of the log when left out.")] = None,
) -> None:
    """Runs recorded events through the stages again and compares. Exit code 1, and where, when the output differs.

    Tickets made since a call are earlier tickets now: a proposal that leans on them may differ for that reason.
    """
    from pipeline.run.meaning import stages_again
    from pipeline.run.opening import look_at_log, open_city, open_store
    from pipeline.run.replay import Report
    from pipeline.run.replay import replay as run_again
    from pipeline.run.understanding import EarlierTickets

    async def again() -> Report:
        log, store = look_at_log(settings()), open_store(settings())
        try:
            stages = stages_again(settings(), open_city(settings()), EarlierTickets(store))
            return await run_again(log, stages, call)
        finally:
            await store.close()
            await log.close()

    report = asyncio.run(again())
    print_json(report)
    if report.differences:
        fail(f"{len(report.differences)} of {report.compared} outputs differ; the first: {report.differences[0]}")


def doctor(json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False) -> None:
    """Checks model, device, disk, store, clock and city pack; says what to do. Exit code 1 when something is wrong."""
    from pipeline.run.doctor import examine

    findings = examine(settings())
    for finding in findings:
        if json:
            print_json(finding)
        else:
            mark = {"ok": "✓", "warning": "!", "error": "✗"}[finding.state]
            print(f"{mark} {finding.what}: {finding.says}" + (f"\n    → {finding.cure}" if finding.cure else ""))
    if any(finding.state == "error" for finding in findings):
        raise typer.Exit(1)
