"""Which line of the duty list decides for one category at one place on one day, and which line it beat."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from routing.city.index import DISTRICT, CityIndex
from schemas.catalogue import DutyEntry, Unit

RANK = {"special": 0, "place": 1, "function": 2, "default": 3}  # 特别规则 → 属地 → 职能 → 类别兜底


class Ruling(msgspec.Struct, frozen=True):
    """A duty line that applies, and the unit it names for this place."""

    line: DutyEntry
    lead: Unit
    co: tuple[Unit, ...]
    words: tuple[str, ...]  # words of the line that fell


class Bench(msgspec.Struct, frozen=True):
    """All lines that apply to a category, strongest first, and what stood in the way of others."""

    rulings: tuple[Ruling, ...]
    place_needed: bool  # a line names the district's government, and the district is unknown


def bench(index: CityIndex, category: str, place: str | None, texts: Sequence[str], day: date) -> Bench:
    """Lines for `category` valid on `day` whose place and words fit."""
    depth = {node.code: i for i, node in enumerate(index.category_path(category))}
    district = index.district(place)
    fits: list[Ruling] = []
    place_needed = False
    for line in index.duty_lines_for(category, day):
        if line.district is not None and (district is None or district.code != line.district):
            continue
        words = tuple(w for w in line.any_words if any(w in t for t in texts))
        if (line.any_words and not words) or any(w in t for w in line.not_words for t in texts):
            continue
        lead = index.resolve(line.lead, place)
        if lead is None or lead.kind in ("outside", "emergency"):
            place_needed = place_needed or (line.lead == DISTRICT and district is None)
            continue
        co = tuple(u for n in line.co if (u := index.resolve(n, place)) is not None and u.code != lead.code)
        fits.append(Ruling(line, lead, co, words))
    fits.sort(key=lambda r: (RANK[r.line.rule], -depth[r.line.category], r.line.district is None, -len(r.words)))
    return Bench(tuple(fits), place_needed)
