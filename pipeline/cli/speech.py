from __future__ import annotations
import typer

app = typer.Typer()


def add_to(app: typer.Typer) -> None: ...
@app.callback()
def _g() -> None: ...
