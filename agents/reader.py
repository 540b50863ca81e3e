"""Reads lines with the knowledge of one city: every extractor once over every line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from agents.extract.amount import amounts
from agents.extract.kind import cues
from agents.extract.phone import runs
from agents.extract.when import whens
from agents.lines import Line
from agents.reading import Reading
from routing.category import Categories, Spoken
from routing.danger import Danger, Doubt
from routing.emergency import Emergencies
from routing.gazetteer import Gazetteer, Mention
from routing.injection import without_orders
from routing.person import of_himself, standard
from routing.phrases import Hit
from routing.refusal import Refusals

TELLING = 5  # characters from which on a line may tell of a danger in words no rule knows
DEEP = 0.35  # under the floor, from where on not even the words of a rule that needs several in order leave a doubt
SHORT = 12  # characters up to which a line that denies a danger says nothing else: 没有煤气味


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
        heard = standard(line.text)
        text = without_orders(heard) if line.caller else heard
        places, found = self.gazetteer.find(text), runs(text)
        if not line.caller:
            return Reading(line, places, found)
        told = _without(text, places)
        triggers, doubt = self._danger(heard)
        himself = of_himself(told)
        return Reading(
            line,
            places,
            found,
            whens(text, now),
            amounts(text),
            cues(text),
            self._matter(told, himself),
            triggers,  # never blanked: a life outweighs a prank
            self.emergencies.companions(heard),
            doubt,
            self.refusals.find(text),
            self._person(told, himself),
        )

    def _matter(self, text: str, himself: Sequence[tuple[int, int]]) -> Spoken | None:
        """What the line says of the category, but for what the caller says of his own person."""
        text = _blanked(text, himself)
        return self.categories.read(text) if not himself or len(text.strip("，。 的了")) > 1 else None

    def _person(self, text: str, himself: Sequence[tuple[int, int]]) -> Spoken | None:
        return self.categories.read(" ".join(text[start:end] for start, end in himself)) if himself else None

    def _danger(self, heard: str) -> tuple[tuple[tuple[str, Hit], ...], Doubt | None]:
        """The rules that words of the line meet, and a doubt. A rule of danger yields where all else tells of none.

        One that needs several words in their order leaves a doubt behind: it is seldom met by chance.
        """
        triggers = self.emergencies.triggers(heard)
        if self.danger is None or len(heard) < TELLING:
            return triggers, None
        text = _blanked(heard, of_himself(heard))
        margin = self.danger.margin(text)
        denied = self.emergencies.denied(heard)
        if triggers and self.danger.sure_of_none(text, margin):
            grave = [
                self.emergencies.rules[t[0]] for t in triggers if self.emergencies.rules[t[0]].urgency == "critical"
            ]
            shaped = next(
                (rule for rule in grave if rule.patterns and not denied and margin > self.danger.floor - DEEP), None
            )
            kept = tuple(t for t in triggers if self.emergencies.rules[t[0]] not in grave)
            return kept, Doubt(shaped, 0.0) if shaped is not None else None
        return triggers, None if denied and len(text) <= SHORT else self.danger.hear(text, margin, denied)


def _without(text: str, places: tuple[Mention, ...]) -> str:
    """The text with place names blanked: 湖滨小学 in an address is no word about schools."""
    return _blanked(text, [(place.start, place.end) for place in places])


def _blanked(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The same with blanks in these places; positions stay."""
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text
