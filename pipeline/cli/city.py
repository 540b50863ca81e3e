"""`hotline city`: proves a city pack whole before a phone rings on it, and takes articles into it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from pipeline.cli.output import console, existing, fail, print_json, settings

app = typer.Typer(help="City packs: taxonomy, units, duty list, places, limits, articles.", no_args_is_help=True)


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


@app.command("import-articles")
def import_articles(
    file: Annotated[Path, typer.Argument(help="Articles or service items: .csv, .jsonl or .md.")],
    to: Annotated[Path, typer.Option(help="Folder of the pack that takes them.")],
    column: Annotated[
        list[str] | None,
        typer.Option(help="FIELD=COLUMN where they differ, such as title=TASK_NAME; a+b joins two; FIELD= takes none."),
    ] = None,
    source: Annotated[str, typer.Option(help="Source of rows that name none.")] = "",
    unit: Annotated[str, typer.Option(help="Unit of rows whose unit the pack does not know.")] = "",
    owner: Annotated[str, typer.Option(help="Post that answers for them.")] = "",
    region: Annotated[str, typer.Option(help="Place they hold for; without one the whole city.")] = "",
    category: Annotated[list[str] | None, typer.Option(help="Category of rows that name none.")] = None,
    valid_from: Annotated[str, typer.Option(help="First day of rows that name none; default: today.")] = "",
    skip_bad: Annotated[bool, typer.Option(help="Take the good rows when some are refused.")] = False,
    dry_run: Annotated[bool, typer.Option(help="Say what would happen, write nothing.")] = False,
) -> None:
    """Takes articles or a service catalogue into a pack: all good rows or, when one is refused, none."""
    from routing.city.article_import import columns_of, faults, joined, write_articles
    from routing.city.article_made import Given
    from routing.city.article_rows import read_rows
    from routing.city.load import load_city

    pack = load_city(to)
    rows = read_rows(existing(file))
    columns = columns_of(rows, _pairs(column or []))
    today = datetime.now(UTC).astimezone(ZoneInfo(pack.manifest.zone)).date()
    given = Given(
        source=source,
        unit=unit,
        owner=owner,
        region=region,
        categories=tuple(category or ()),
        valid_from=date.fromisoformat(valid_from) if valid_from else today,
    )
    result = joined(pack, rows, columns, given)
    for doubt in result.doubts:
        console.print(f"{file}: {doubt.message}", markup=False, highlight=False, soft_wrap=True)
    for said in (*result.refused, *result.notes):
        console.print(f"{file}, {said}", markup=False, highlight=False, soft_wrap=True)
    wrong = [] if result.doubts else faults(pack, result, today)
    for fault in wrong:
        console.print(fault, markup=False, highlight=False, soft_wrap=True)
    print_json(
        {
            "rows": len(rows),
            "added": result.added,
            "renewed": result.renewed,
            "unchanged": result.unchanged,
            "refused": len(result.refused),
            "parts_left_out": len(result.notes),
            "written": not (result.doubts or wrong or dry_run or (result.refused and not skip_bad)),
        }
    )
    if result.doubts:
        fail(f"{len(result.doubts)} columns do not hold what they are taken for; nothing written (FIELD= takes none)")
    if wrong:
        fail(f"{len(wrong)} errors in the pack that would come of it; nothing written")
    if result.refused and not skip_bad:
        fail(f"{len(result.refused)} of {len(rows)} rows refused; nothing written (--skip-bad takes the others)")
    if not dry_run:
        write_articles(to, result.articles)


def _pairs(told: list[str]) -> dict[str, str]:
    for each in told:
        if "=" not in each:
            fail(f"--column {each}: write FIELD=COLUMN", code=2)
    return dict(each.split("=", 1) for each in told)


@app.command()
def vectors(
    folder: Annotated[str, typer.Argument(help="Name or folder of the pack; default: the one of the settings.")] = "",
) -> None:
    """Makes the vectors of a pack's articles, so that answers are found by meaning too. Again when articles change."""
    from pipeline.run.meaning import NONE, article_meaning, kept_vectors
    from pipeline.run.opening import open_city

    chosen = settings(city=folder or None)
    pack = open_city(chosen)
    meaning, name = article_meaning(chosen, pack, make=True)
    if name == NONE or meaning is None:
        fail("no embedding is here or wanted: `hotline models fetch bge-small-zh`, HOTLINE_ANSWERS_EMBEDDING")
    console.print(f"{len(pack.articles)} articles by {name}: {kept_vectors(chosen, pack)}", highlight=False)


@app.command()
def learn(
    folder: Annotated[str, typer.Argument(help="Name or folder of the pack; default: the one of the settings.")] = "",
) -> None:
    """Learns a pack's categories, kinds and dangers ahead, so that no process needs half a minute when it starts."""
    from pipeline.run.meaning import city_of, shelf_of
    from pipeline.run.opening import open_city

    chosen = settings(city=folder or None)
    pack = open_city(chosen)
    city_of(chosen, pack, live=False)
    kept = shelf_of(chosen)
    console.print(f"{len(pack.tellings)} tellings of {pack.manifest.name}: {kept.folder}", highlight=False)
