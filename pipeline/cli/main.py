"""`hotline`: the one command line of the house. Commands import what they need only when they run."""

from __future__ import annotations

import sys

import typer

from pipeline.cli import (
    address,
    city,
    classifier,
    evaluate,
    gateway,
    handoffs,
    health,
    inspect,
    models,
    play,
    serve,
    speech,
    topics,
    transcribe,
    worker,
)
from pipeline.cli.output import fail

app = typer.Typer(
    name="hotline",
    help="The copilot beside the agent of a 12345 hotline: live call audio in, a ticket confirmed by a person out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
serve.add_to(app)
play.add_to(app)
transcribe.add_to(app)
classifier.add_to(app)
address.add_to(app, classifier.train)
evaluate.add_to(app)
inspect.add_to(app)
health.add_to(app)
gateway.add_to(app)
app.add_typer(models.app, name="models")
app.add_typer(speech.app, name="speech")
app.add_typer(city.app, name="city")
app.add_typer(topics.app, name="topics")
app.add_typer(handoffs.app, name="handoffs")
app.add_typer(worker.app, name="worker")
app.command()(worker.console)


def run() -> None:
    """Entry point. Known faults end with one line that says what and where, and exit code 1; usage faults with 2."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except (OSError, ValueError, RuntimeError) as error:
        fail(f"{type(error).__name__}: {error}" if isinstance(error, OSError) else str(error))
