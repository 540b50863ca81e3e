"""What one utterance says, read once and kept: the resolvers then look at readings, never at raw text again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from agents.extract.amount import Amount, amounts
from agents.extract.kind import Cue, cues
from agents.extract.phone import Run, runs
from agents.extract.when import When, whens
from agents.lines import Line
from routing.category import Categories, Spoken
from routing.danger import Danger, Doubt
from routing.emergency import Emergencies
from routing.gazetteer import Gazetteer, Mention
from routing.injection import without_orders
from routing.phrases import Hit
from routing.refusal import Refusals

T = TypeVar("T")
TELLING = 5  # characters from which on a line may tell of a danger in words no rule knows


class Reading(msgspec.Struct, frozen=True):
    """Everything one line mentions. Fields a line's speaker cannot speak for stay empty."""

    line: Line
    places: tuple[Mention, ...] = ()
    runs: tuple[Run, ...] = ()  # digits
    times: tuple[When, ...] = ()
    amounts: tuple[Amount, ...] = ()
    cues: tuple[Cue, ...] = ()  # of the kind of matter
    category: Spoken | None = None
    triggers: tuple[tuple[str, Hit], ...] = ()  # emergency rules whose words fall
    companions: frozenset[str] = frozenset()
    doubt: Doubt | None = None  # of a danger that no rule's words told
    refusals: tuple[tuple[str, Hit], ...] = ()
    worked_out: dict[Callable[[str], Any], Any] = {}

    def once(self, of: Callable[[str], T]) -> T:
        """What `of` says of this line's text, worked out once: a long call must not be read anew at each event."""
        if of not in self.worked_out:
            self.worked_out[of] = of(self.line.text)
        found: T = self.worked_out[of]
        return found


class Reader:
    """Reads lines with the knowledge of one city. Pure."""

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
