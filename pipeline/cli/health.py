"""`hotline health`: whether a process of this house, on this machine, keeps pace. For health checks of containers."""

from __future__ import annotations

from typing import Annotated, cast, get_args

import typer

from pipeline.cli.output import fail, print_json, settings


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command()(health)


def health(
    process: Annotated[str, typer.Argument(help="worker, gateway or console.")] = "worker",
    oldest: Annotated[float, typer.Option(min=0, help="Seconds an event may wait to be done.")] = 30.0,
) -> None:
    """Asks the process that runs with these same settings. Exit code 1: no answer, its loop hangs, or events wait."""
    from pipeline.run.health_check import Process, check

    if process not in get_args(Process):
        fail(f"{process}: worker, gateway or console", code=2)
    print_json(check(settings(), cast(Process, process), oldest))
