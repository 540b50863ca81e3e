"""`hotline play`: plays recordings into a door, as a switch would fork a call."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Literal, cast

import typer

from pipeline.cli.output import console, existing, fail, print_json, progress, settings


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command()(play)


def play(
    files: Annotated[list[Path], typer.Argument(help="WAV or FLAC, 1 or 2 channels, any rate.")],
    to: Annotated[str, typer.Option(help="The door, e.g. ws://127.0.0.1:8346/")],
    token: Annotated[
        str, typer.Option(envvar="HOTLINE_TOKEN", help="The switch's token; default: the first of HOTLINE_SWITCHES.")
    ] = "",
    calls: Annotated[int, typer.Option(min=1, help="Calls at once; the files are taken in turn.")] = 1,
    pace: Annotated[str, typer.Option(help="real: as a telephone; fast: as quickly as the door reads.")] = "real",
    codec: Annotated[str, typer.Option(help="On the wire: PCMA, PCMU or L16.")] = "PCMA",
    rate: Annotated[int, typer.Option(help="On the wire, Hz: 8000 or 16000.")] = 8000,
    ani: Annotated[str, typer.Option(help="Calling number.")] = "",
    agent: Annotated[str, typer.Option(help="Login or extension whose desk gets the calls; empty: they wait.")] = "",
) -> None:
    """Plays recordings into a door; channel 0 is the caller, channel 1 the agent. Exit code 1 when a call failed."""
    from pipeline.play import player

    if pace not in ("real", "fast"):
        fail(f"--pace {pace}: real or fast", code=2)
    if codec not in ("PCMA", "PCMU", "L16"):
        fail(f"--codec {codec}: PCMA, PCMU or L16", code=2)
    if rate not in (8000, 16000):
        fail(f"--rate {rate}: 8000 or 16000", code=2)
    token = token or next(iter(settings().switch_tokens().values()), "")
    if not token:
        fail("no token: give --token, or set HOTLINE_SWITCHES or HOTLINE_TOKEN", code=2)
    played = player.calls_of(
        [existing(file) for file in files],
        max(calls, len(files)),
        codec=cast(Literal["PCMA", "PCMU", "L16"], codec),
        rate=rate,
        ani=ani,
        agent=agent or None,
    )
    with progress("seconds") as bar:
        rows = {call.source: bar.add_task(call.path.stem, total=None) for call in played}
        summary = asyncio.run(
            player.play(
                played,
                to,
                token,
                at_once=calls,
                pace=cast(Literal["real", "fast"], pace),
                progress=lambda call, sent, whole: bar.update(rows[call.source], completed=int(sent), total=int(whole)),
            )
        )
    for outcome in summary.outcomes:
        print_json(
            {
                "file": str(outcome.call.path),
                "call": outcome.call.source,
                "seconds": round(outcome.seconds, 2),
                "sent": round(outcome.sent_s, 2),
                "late": round(outcome.latest_s, 3),
                "error": outcome.error,
            }
        )
    failed = sum(bool(outcome.error) for outcome in summary.outcomes)
    console.print(f"{len(summary.outcomes) - failed} calls played, {failed} failed", highlight=False)
    if failed:
        raise typer.Exit(1)
