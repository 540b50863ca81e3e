"""Part of the pack's proof: the duty list (派单目录) names units that exist and leaves no category to nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from routing.city.finding import Finding, error, warning
from routing.city.index import DISTRICT, CityIndex
from schemas.catalogue import CityPack, DutyEntry

FILE = "duties.jsonl"
TOLD_ABOUT = ("outside", "emergency")  # callers are sent there; tickets are not


def references(pack: CityPack, today: date) -> Iterator[Finding]:
    """Each line names a category, units that take tickets, and a district that exist."""
    units = {unit.code: unit for unit in pack.units}
    categories = {category.code for category in pack.categories}
    districts = {place.code for place in pack.places if place.level == "district"}
    for line in pack.duties:
        where = f"{line.id} version {line.version}"
        if line.category not in categories:
            yield error(FILE, where, f"category {line.category} does not exist")
        if line.district and line.district not in districts:
            yield error(FILE, where, f"district {line.district} does not exist")
        for role, notation in (("lead", line.lead), *(("co", co) for co in line.co)):
            if notation == DISTRICT:
                continue
            if notation.startswith("@"):
                yield error(FILE, where, f"{role} {notation} can't be resolved; the only such word is {DISTRICT}")
            elif notation not in units:
                yield error(FILE, where, f"{role} unit {notation} does not exist")
            elif units[notation].kind in TOLD_ABOUT:
                kind = units[notation].kind
                yield error(FILE, where, f"{role} unit {notation} takes no tickets, it is of kind {kind}")
        if line.lead in line.co:
            yield error(FILE, where, f"{line.lead} is both lead and co-unit")
        if cancelled := [word for word in line.any_words if any(no in word for no in line.not_words)]:
            yield error(FILE, where, f"not_words cancel its own words {', '.join(cancelled)}")
        if line.rule == "special" and not (line.any_words or line.district):
            yield warning(FILE, where, "a special rule without words or district overrides every other line")
        if not line.basis:
            yield warning(FILE, where, "names no legal basis")


def versions(pack: CityPack, today: date) -> Iterator[Finding]:
    """A line is valid in one version at a time, and versions rise with time."""
    lines: dict[str, list[DutyEntry]] = defaultdict(list)
    for line in pack.duties:
        lines[line.id].append(line)
        if line.valid_to is not None and line.valid_to <= line.valid_from:
            yield error(FILE, f"{line.id} version {line.version}", f"ends {line.valid_to}, before it begins")
    for found in lines.values():
        found.sort(key=lambda line: line.version)
        for older, newer in pairwise(found):
            if older.valid_to is None or newer.valid_from < older.valid_to:
                until = older.valid_to or "for good"
                message = f"begins {newer.valid_from} while version {older.version} still holds ({until})"
                yield error(FILE, f"{newer.id} version {newer.version}", message)


def coverage(pack: CityPack, today: date) -> Iterator[Finding]:
    """On `today` each leaf has a line that holds everywhere, whatever the words and even if the place is unknown."""
    index = CityIndex(pack)
    for leaf in index.leaves():
        lines = [line for line in index.duty_lines_for(leaf.code, today) if not line.any_words and not line.district]
        if not lines:
            yield error(FILE, leaf.code, f"nobody answers for {leaf.name} on {today}")
        elif all(line.lead == DISTRICT for line in lines):
            yield error(FILE, leaf.code, f"nobody answers for {leaf.name} on {today} while the place is unknown")
        elif all(line.rule == "default" for line in lines):
            yield warning(FILE, leaf.code, f"only a class default answers for {leaf.name} on {today}")
