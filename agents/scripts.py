"""The sentences of the pack an agent may say at a moment: chosen for the matter, filled, never with a hole."""

from __future__ import annotations

import re
from collections.abc import Mapping

from routing.city.index import CityIndex
from routing.passages import bigrams
from schemas.catalogue import Script, ScriptMoment

_HOLE = re.compile(r"\{(\w+)\}")


def script(index: CityIndex, moment: ScriptMoment, about: str, known: Mapping[str, str]) -> tuple[Script, str] | None:
    """The script of that moment nearest to the matter whose every hole is known, and its text; None when none fits."""
    fits = [s for s in index.scripts(moment) if all(known.get(hole) for hole in _HOLE.findall(s.text))]
    if not fits:
        return None
    grams = bigrams(about)
    best = max(fits, key=lambda s: (len(set(bigrams(s.text)) & set(grams)), -fits.index(s)))
    return best, _HOLE.sub(lambda m: known[m[1]], best.text)
