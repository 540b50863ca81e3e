"""`hotline dead`: what could not be digested, looked at, mended and put back."""

from __future__ import annotations

import asyncio
import getpass
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import msgspec
import typer

from pipeline.cli.output import console, existing, fail, print_json, settings

if TYPE_CHECKING:
    from pipeline.run.dead_letters import DeadLetters

app = typer.Typer(help="Dead letters: records a stage could not digest.", no_args_is_help=True)
T = TypeVar("T")
Id = Annotated[str, typer.Argument(metavar="ID", help="Id of the letter, as `hotline dead list` prints it.")]
Why = Annotated[str, typer.Option(help="The reason; it is kept.")]


@app.command("list")
def show_all(
    every: Annotated[bool, typer.Option("--all", help="Also those that have been dealt with.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False,
) -> None:
    """Lists letters: id, age, stage, topic, call and reason. Nothing that was said in a call."""
    letters = [letter for letter in _do(lambda post: post.all()) if every or not letter.settled]
    for letter in letters:
        if json:
            print_json(letter)
            continue
        place = f"{letter.topic}/{letter.offset}"
        print(f"{letter.id}  {_age(letter.parked_at):>6}  {letter.stage:14} {place:18} call {letter.call or '?'}")
        print(
            f"    {letter.reason}" + (f"\n    {letter.settled} by {letter.by}, {letter.at}" if letter.settled else "")
        )
    console.print(f"{len(letters)} letters", highlight=False)


@app.command()
def show(
    letter: Id,
    content: Annotated[
        bool, typer.Option("--content", help="Print what it holds: personal data. Needs --why.")
    ] = False,
    to: Annotated[Path | None, typer.Option(help="Write its bytes into this file, to edit. Needs --why.")] = None,
    why: Why = "",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Explains a letter: what the bytes are, where decoding fails, which stage gave up, and what can be done."""
    from pipeline.run.dead_letter import explain

    if (content or to) and not why:
        fail("what a letter holds is personal data: say --why; that you read it is noted in the audit chain", code=2)
    found, data = _do(lambda post: post.find(letter))
    told = explain(found, data)
    if json:
        print_json(msgspec.to_builtins(found) | msgspec.to_builtins(told))
    else:
        print(f"letter   {found.id}, parked {_age(found.parked_at)} ago")
        print(f"call     {found.call or 'unknown'}")
        print(f"read     by stage {found.stage} from {found.topic}, offset {found.offset}")
        print(f"reason   {found.reason}")
        print(f"holds    {found.bytes} bytes, sha256 {told.sha256}")
        print(f"is       {told.type or 'no event'} v{told.version}, event {told.event or 'without a readable id'}")
        at = f" (byte {told.at_byte})" if told.at_byte >= 0 else f" (field {told.at_field})" if told.at_field else ""
        print(f"decodes  {'yes: the stage itself gave up' if told.is_event else 'no' + at + ': ' + told.fault}")
        if found.settled:
            print(f"settled  {found.settled} by {found.by}, {found.at}")
        print(f"can be   {', '.join(told.can)}")
    if content or to:
        held = _do(lambda post: post.view(letter, why))
        if to:
            with open(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(held)
            console.print(f"written to {to}; delete it when you are done", highlight=False)
        else:
            typer.get_binary_stream("stdout").write(held + b"\n")


@app.command()
def repair(
    letter: Id,
    edited: Annotated[Path, typer.Option("--with", metavar="FILE", help="The record as it should have been.")],
    why: Why = "",
) -> None:
    """Puts an edited record back: it must decode now, belong to the same call and pass the stage that failed."""
    data = existing(edited).read_bytes().rstrip(b"\n")
    event = _do(lambda post: post.repair(letter, data, why))
    console.print(f"repaired: {event.type} {event.id} goes out to the call's stream", highlight=False)


@app.command()
def replay(letter: Id, why: Why = "") -> None:
    """Puts the record through its stage again as it is, once the code or what is around it has been mended."""
    count = _do(lambda post: post.replay(letter, why))
    what = f"{count} records of the call go out again" if count else "written into the record"
    console.print(f"replayed: {what}", highlight=False)


@app.command()
def discard(letter: Id, why: Annotated[str, typer.Option(help="The reason; it is kept.")]) -> None:
    """Settles a letter without putting anything back. The letter itself stays until its topic's time is over."""
    _do(lambda post: post.discard(letter, why))
    console.print("discarded", highlight=False)


def _do(work: Callable[[DeadLetters], Awaitable[T]]) -> T:
    """Opens log and store, and does one thing with the letters."""
    from pipeline.run.dead_letters import DeadLetters
    from pipeline.run.meaning import stages_again
    from pipeline.run.opening import look_at_log, open_city, open_store
    from pipeline.run.understanding import EarlierTickets

    async def run() -> T:
        chosen = settings()
        log, store = look_at_log(chosen), open_store(chosen)
        try:
            stages = lambda: stages_again(chosen, open_city(chosen), EarlierTickets(store))  # noqa: E731
            return await work(DeadLetters(log, store, stages, by=getpass.getuser()))
        finally:
            await store.close()
            await log.close()

    return asyncio.run(run())


def _age(at: float) -> str:
    seconds = max(0.0, time.time() - at)
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
