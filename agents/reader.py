"""Reads lines with the knowledge of one city: every extractor once over every line."""

from __future__ import annotations

from datetime import datetime

from agents.extract.amount import amounts
from agents.extract.kind import cues
from agents.extract.phone import runs
from agents.extract.when import whens
from agents.lines import Line
from agents.reading import Reading
from routing.category import Categories
from routing.danger import Danger, Doubt
from routing.emergency import Emergencies
from routing.gazetteer import Gazetteer, Mention
from routing.injection import without_orders
from routing.refusal import Refusals

TELLING = 5  # characters from which on a line may tell of a danger in words no rule knows


class Reader:
    """Makes a line's reading. Pure."""

    def __init__(
        self,
        gazetteer: Gazetteer,
        categories: Categories,
        emergencies: Emergencies,
        refusals: Refusals,
        danger: Danger | None = None,
    ) -> None:
        self.gazetteer = gazetteer
        self.categories = categories
        self.emergencies = emergencies
        self.refusals = refusals
        self.danger = danger

    def read(self, line: Line, now: datetime) -> Reading:
        """The reading of a line in a call that began at `now` (city time)."""
        text = without_orders(line.text) if line.caller else line.text
        places, found = self.gazetteer.find(text), runs(text)
        if not line.caller:
            return Reading(line, places, found)
        return Reading(
            line,
            places,
            found,
            whens(text, now),
            amounts(text),
            cues(text),
            self.categories.read(_without(text, places)),
            self.emergencies.triggers(line.text),  # never blanked: a life outweighs a prank
            self.emergencies.companions(line.text),
            self._doubt(line.text),
            self.refusals.find(text),
        )

    def _doubt(self, text: str) -> Doubt | None:
        if self.danger is None or len(text) < TELLING or self.emergencies.denied(text):
            return None
        return self.danger.hear(text)


def _without(text: str, places: tuple[Mention, ...]) -> str:
    """The text with place names blanked: 湖滨小学 in an address is no word about schools."""
    for place in places:
        text = text[: place.start] + " " * (place.end - place.start) + text[place.end :]
    return text
