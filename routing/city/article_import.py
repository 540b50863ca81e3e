"""Articles on their way into a city pack, last step: joined with those already there, proved, written whole or not."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import msgspec

from routing.city.article_made import FIELDS, BadRow, Given, Names, article
from routing.city.article_rows import BadFile, SourceRow
from routing.city.article_shapes import Doubt, doubtful_columns, shifted
from routing.city.check import check_city
from schemas.catalogue import Article, CityPack

SHIFT = 2  # mapped columns of wrong shape from which a row counts as shifted


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What an import would make of a pack."""

    articles: tuple[Article, ...]  # all of the pack, old and new
    added: int = 0
    renewed: int = 0  # a new version of an article that was there
    unchanged: int = 0
    refused: tuple[str, ...] = ()  # rows no article was made of: line and why
    notes: tuple[str, ...] = ()  # what was left out of an article: line and why
    doubts: tuple[Doubt, ...] = ()  # columns that do not hold what they are taken for


def columns_of(rows: Sequence[SourceRow], told: Mapping[str, str]) -> dict[str, str]:
    """Field → column: as told, else a column that has the field's own name. Raises BadFile on an unknown field."""
    unknown = sorted(set(told) - set(FIELDS))
    if unknown:
        raise BadFile(f"{unknown[0]!r} is no part of an article; those are {', '.join(FIELDS)}")
    present = {name for row in rows for name in row.values}
    found = {field: field for field in FIELDS if field in present and field not in told}
    return found | {field: column for field, column in told.items() if column}


def joined(pack: CityPack, rows: Sequence[SourceRow], columns: Mapping[str, str], given: Given) -> Imported:
    """The pack's articles with those of the rows. Pure. What is wrong with a row is told; raises BadFile where `given`
    names what the pack does not know."""
    names = Names(pack)
    if given.unit and not names.unit(given.unit):
        raise BadFile(f"unit {given.unit!r} is none of the pack's")
    if given.region and not names.place(given.region):
        raise BadFile(f"region {given.region!r} is no place of the pack")
    single = {field: column for field, column in columns.items() if "+" not in column}
    doubts = doubtful_columns(rows, single)
    made: dict[str, tuple[int, Article]] = {}
    refused: list[str] = []
    notes: list[str] = []
    for row in rows:
        wrong = shifted(row, single)
        if len(wrong) >= SHIFT:
            refused.append(f"line {row.line}: looks shifted: {', '.join(wrong)} hold something else")
            continue
        try:
            new, left_out = article(row, columns, given, names)
        except BadRow as error:
            refused.append(f"line {row.line}: {error}")
            continue
        notes += [f"line {row.line}: {note}" for note in left_out]
        if new.id in made:
            refused.append(f"line {row.line}: the same article as line {made[new.id][0]} ({new.id})")
            continue
        made[new.id] = row.line, new
    newest = {a.id: a for a in sorted(pack.articles, key=lambda a: a.version)}
    kept = list(pack.articles)
    added = renewed = unchanged = 0
    for _, new in made.values():
        old = newest.get(new.id)
        if old is None:
            kept.append(new)
            added += 1
        elif _same(old, new):
            unchanged += 1
        else:
            begins = max(new.valid_from, old.valid_from + timedelta(days=1))
            ended = old.valid_to if old.valid_to is not None and old.valid_to <= begins else begins
            kept[kept.index(old)] = msgspec.structs.replace(old, valid_to=ended)
            kept.append(msgspec.structs.replace(new, version=old.version + 1, valid_from=begins))
            renewed += 1
    return Imported(
        articles=tuple(kept),
        added=added,
        renewed=renewed,
        unchanged=unchanged,
        refused=tuple(refused),
        notes=tuple(notes),
        doubts=tuple(doubts),
    )


def faults(pack: CityPack, imported: Imported, today: date) -> list[str]:
    """Errors the pack would have with the new articles and does not have without."""
    before = {str(f) for f in check_city(pack, today) if f.severity == "error"}
    after = check_city(msgspec.structs.replace(pack, articles=imported.articles), today)
    return [str(f) for f in after if f.severity == "error" and str(f) not in before]


def write_articles(folder: Path, articles: Sequence[Article]) -> None:
    """Replaces the pack's articles in one step: whoever reads meanwhile sees the old file or the new one."""
    path = folder / "articles.jsonl"
    data = b"".join(msgspec.json.encode(each) + b"\n" for each in articles)
    handle, name = tempfile.mkstemp(prefix=".articles-", suffix=".jsonl", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            os.chmod(name, path.stat().st_mode & 0o777)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _same(old: Article, new: Article) -> bool:
    return old == msgspec.structs.replace(
        new, version=old.version, valid_from=old.valid_from, valid_to=new.valid_to or old.valid_to
    )
