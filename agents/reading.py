"""What one utterance says, read once and kept: the resolvers then look at readings, never at raw text again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from agents.lines import Line
from agents.mentions import Amount, Cue, Run, When
from routing.category import Spoken
from routing.danger import Doubt
from routing.gazetteer import Mention
from routing.phrases import Hit

T = TypeVar("T")


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
    person: Spoken | None = None  # what he says of himself in passing: of the matter only when he claims by it
    worked_out: dict[Callable[..., Any], Any] = {}

    def once(self, of: Callable[[str], T]) -> T:
        """What `of` says of this line's text, worked out once: a long call must not be read anew at each event."""
        if of not in self.worked_out:
            self.worked_out[of] = of(self.line.text)
        found: T = self.worked_out[of]
        return found

    def once_of(self, of: Callable[[Reading], T]) -> T:
        """The same for what needs the whole reading."""
        if of not in self.worked_out:
            self.worked_out[of] = of(self)
        found: T = self.worked_out[of]
        return found
