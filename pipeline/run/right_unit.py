"""Where a made-up matter belongs: the duty list asked with the category and place that are true, not those heard."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pipeline.calls.made import MadeCall
from routing.city.index import CityIndex
from routing.dispatch import Case, Considered, Said, dispatch


def right_unit(index: CityIndex, wanted: Mapping[str, str], call: MadeCall) -> str:
    """Code of the leading unit; "" where the duty list needs a place that was not told."""
    place = wanted.get("community") or wanted.get("street") or None
    case = Case(
        categories=(Considered(wanted["category"], 1.0),),
        place=place,
        said=tuple(Said(str(n), t.leg, t.text, t.start) for n, t in enumerate(call.turns) if t.leg == "caller"),
        day=datetime.fromisoformat(call.at).date(),
        firm=True,
    )
    found = dispatch(index, case)
    return found.candidates[0].unit if found.candidates and not found.abstained else ""
