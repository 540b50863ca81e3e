"""`hotline city`: proves a city pack whole before a phone rings on it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from pipeline.cli.output import console, fail, print_json

app = typer.Typer(help="City packs: taxonomy, units, duty list, places, limits, articles.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keeps `check` a named command of its group."""


@app.command()
def check(
    folder: Annotated[Path, typer.Argument(help="Folder of the pack, or the name of a shipped one.")],
    json: Annotated[bool, typer.Option("--json", help="Print findings as JSON lines.")] = False,
) -> None:
    """Checks a pack and says what is wrong where. Exit code 1 when there is an error; warnings alone are 0."""
    from routing.city.check import check_city
    from routing.city.load import city_dir, load_city

    pack = load_city(folder if folder.is_dir() else city_dir(str(folder)))
    today = datetime.now(UTC).astimezone(ZoneInfo(pack.manifest.zone)).date()
    findings = check_city(pack, today)
    for finding in findings:
        if json:
            print_json(finding)
        else:
            console.print(
                f"{finding.severity}: {finding.file}: {finding.record}: {finding.message}",
                markup=False,
                highlight=False,
            )
    errors = sum(finding.severity == "error" for finding in findings)
    if errors:
        fail(f"{pack.manifest.name}: {errors} errors")
    console.print(
        f"{pack.manifest.name} {pack.manifest.version}: whole. {len(pack.places)} places, {len(pack.units)} units, "
        f"{len(pack.categories)} categories, {len(pack.duties)} duty lines, {len(pack.articles)} articles, "
        f"{len(findings)} warnings",
        highlight=False,
    )
