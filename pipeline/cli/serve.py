"""`hotline serve | demo`: the embedded house on one machine, for real use and to look at."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import signal
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.output import console, fail, settings

users = typer.Typer(help="Sign-in accounts.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Registers these commands."""
    app.command()(demo)
    app.command()(serve)
    app.add_typer(users, name="users")


def demo(
    fast: Annotated[bool, typer.Option(help="Play the sample calls as quickly as the door reads.")] = False,
    once: Annotated[
        bool, typer.Option(help="Play once, without a person; exit 0 when every call has a complete draft.")
    ] = False,
    port: Annotated[int | None, typer.Option(help="Port of the console; 0 = any free one.")] = None,
) -> None:
    """Starts everything over the demo city and plays the sample calls through the ingest door."""
    from pipeline.demo.run import demo_settings, run_demo
    from pipeline.run.logging import quiet_logging

    quiet_logging("WARNING")
    with contextlib.ExitStack() as stack:
        base = settings()
        if once:
            base = settings(home=Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hotline-demo-"))))
        chosen = demo_settings(base, port=0 if once and port is None else port, fast=fast)
        code = _until_stopped(run_demo(chosen, once=once, fast=fast, say=_say, opened=lambda url: None))
    raise typer.Exit(code)


def serve() -> None:
    """Runs the embedded house for real use: console and ingest door, until it is told to stop (Ctrl+C, SIGTERM)."""
    from pipeline.run.ear import open_engine
    from pipeline.run.embedded import Embedded
    from pipeline.run.logging import quiet_logging
    from pipeline.run.wiring import build

    chosen = settings()
    quiet_logging(chosen.log_level)
    if not chosen.switch_tokens():
        console.print("No switch may fork media yet: set HOTLINE_SWITCHES=name=token. The desk works by hand.")

    async def run() -> int:
        house = build(chosen, open_engine(chosen) if chosen.asr_enabled else None)
        running = Embedded(house)
        try:
            await running.start()
            _say(f"console {running.url}\ndoor    {running.door_url}")
            await asyncio.Event().wait()
        finally:
            await running.stop()
        return 0

    raise typer.Exit(_until_stopped(run()))


@users.callback()
def _group() -> None:
    """Keeps `add` a named command of its group."""


@users.command()
def add(
    login: Annotated[str, typer.Argument(help="Login name.")],
    name: Annotated[str, typer.Option(help="Name shown on the desk.")],
    role: Annotated[str, typer.Option(help="agent, supervisor, analyst or admin.")],
    extension: Annotated[str, typer.Option(help="Telephone extension whose calls come to this desk.")] = "",
) -> None:
    """Adds an account, or changes one. Asks for the password; reads it from a pipe where there is no terminal."""
    from console.passwords import hash_password
    from pipeline.run.opening import open_store

    if role not in ("agent", "supervisor", "analyst", "admin"):
        fail(f"--role {role}: agent, supervisor, analyst or admin", code=2)
    password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if len(password) < 8:
        fail("a password has at least 8 characters", code=2)

    async def put() -> None:
        store = open_store(settings())
        try:
            await store.ensure_user(login, name, role, hash_password(password), extension)  # type: ignore[arg-type]
        finally:
            await store.close()

    asyncio.run(put())
    console.print(f"{login} may sign in as {role}", highlight=False)


def _say(text: str) -> None:
    print(text, flush=True)


def _until_stopped(work) -> int:  # type: ignore[no-untyped-def]
    """Runs a coroutine; SIGTERM and SIGINT cancel it, so that its own `finally` stops the house in order."""

    async def run() -> int:
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, task.cancel)
        try:
            return int(await task)
        except asyncio.CancelledError:
            return 0

    return asyncio.run(run())
