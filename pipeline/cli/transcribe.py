"""`hotline transcribe`: recordings to text, with the ear of the live calls."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.output import existing, print_json, settings


def add_to(app: typer.Typer) -> None:
    """Registers the command."""
    app.command()(transcribe)


def transcribe(
    files: Annotated[list[Path], typer.Argument(help="WAV or FLAC, 1 or 2 channels, any rate.")],
    json: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,
    stream: Annotated[bool, typer.Option(help="Hear it as a live call would be heard; prints partials too.")] = False,
) -> None:
    """Prints one line per final segment: file, channel, start, end (seconds), text."""
    from pipeline.asr.file import transcribe_files
    from pipeline.run.ear import open_engine, recording_options
    from pipeline.run.logging import quiet_logging

    quiet_logging("WARNING")
    chosen = settings()
    options = recording_options(chosen)
    paths = [existing(file) for file in files]

    async def run() -> None:
        engine = open_engine(chosen, options=options)
        await engine.start()
        try:
            async for line in transcribe_files(paths, engine, options, stream=stream):
                if json:
                    print_json(line)
                else:
                    mark = "… " if line.partial else ""
                    print(f"{line.file} [{line.channel}] {line.start:7.2f}–{line.end:7.2f} {mark}{line.text}")
        finally:
            await engine.stop()

    asyncio.run(run())
